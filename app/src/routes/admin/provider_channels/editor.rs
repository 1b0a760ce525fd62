//! The panel of one channel: its kind, its team, its address, and what its provider's account is.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::channels::{
    ChannelKind, NamedSecret, NamedValue, ProviderChannel, ProviderChannelChange, TypedSecret,
};
use shared::error::{AppError, Difference, Problem};
use shared::ids::{ChannelKey, TeamId};

use super::{ChannelsState, address_words, kind_name, value_name};
use crate::api::ApiError;
use crate::api::channels::{
    provider_channel_create, provider_channel_list, provider_channel_update,
};
use crate::attempt::Attempt;
use crate::components::Field;
use crate::drafts::{DraftSlot, use_draft_slot, use_fields_draft};
use crate::language::problem_text;
use crate::random::new_key;
use crate::routes::admin::editor::{EditorPanel, restored_view};
use crate::routes::admin::focus_soon;
use crate::routes::admin::meanwhile::{Meanwhile, follow, only_theirs, rival};

/// The setting that may be left empty.
const RATE: &str = "rate";

/// A setting or a secret as it is typed.
#[derive(Clone)]
struct Typed {
    name: String,
    secret: bool,
    /// As it is stored; of a secret, nothing.
    first: String,
    value: RwSignal<String>,
}

/// One channel as it is being changed. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct Form {
    state: ChannelsState,
    /// `None` for a new one.
    channel: StoredValue<Option<ProviderChannel>>,
    kind: RwSignal<String>,
    name: RwSignal<String>,
    team: RwSignal<String>,
    address: RwSignal<String>,
    typed: StoredValue<Vec<Typed>>,
    attempt: Attempt,
    /// Where what is typed outlives the page, but for secrets.
    kept: DraftSlot,
    saving: RwSignal<bool>,
    refused: RwSignal<Option<AppError>>,
    /// What the refusal does not say of what somebody else has changed, in sentences.
    changed: RwSignal<String>,
    /// The channel as somebody else has changed it since.
    theirs: RwSignal<Option<ProviderChannel>>,
}

impl Form {
    fn new(state: ChannelsState, channel: Option<ProviderChannel>) -> Self {
        let first_kind = || {
            let kinds = state.kinds.get_value();
            kinds
                .first()
                .map(|kind| kind.code.clone())
                .unwrap_or_default()
        };
        let first_team = || {
            let teams = state.teams.get_value();
            teams
                .first()
                .map(|team| team.id.to_string())
                .unwrap_or_default()
        };
        let of = |text: fn(&ProviderChannel) -> String| channel.as_ref().map(text);
        let key = channel.as_ref().map_or("", |channel| channel.key.as_str());
        let form = Self {
            state,
            kept: use_draft_slot(&["channel/", key].concat()),
            kind: RwSignal::new(of(|channel| channel.kind.clone()).unwrap_or_else(first_kind)),
            name: RwSignal::new(of(|channel| channel.name.clone()).unwrap_or_default()),
            team: RwSignal::new(of(|channel| channel.team.to_string()).unwrap_or_else(first_team)),
            address: RwSignal::new(of(|channel| channel.address.clone()).unwrap_or_default()),
            typed: StoredValue::new(Vec::new()),
            attempt: Attempt::new(),
            saving: RwSignal::new(false),
            refused: RwSignal::new(None),
            changed: RwSignal::new(String::new()),
            theirs: RwSignal::new(None),
            channel: StoredValue::new(channel),
        };
        form.typed.set_value(form.fields());
        form
    }

    /// What the kinds ask for, each name once.
    fn fields(self) -> Vec<Typed> {
        let mut fields: Vec<Typed> = Vec::new();
        let channel = self.channel.get_value();
        let stored = |name: &str| channel.as_ref().map(|channel| setting(channel, name));
        for kind in self.state.kinds.get_value() {
            let settings = kind.settings.into_iter().map(|name| (name, false));
            let secrets = kind.secrets.into_iter().map(|name| (name, true));
            for (name, secret) in settings.chain(secrets) {
                if !fields.iter().any(|field| field.name == name) {
                    let first = stored(&name).unwrap_or_default();
                    let value = RwSignal::new(first.clone());
                    fields.push(Typed {
                        name,
                        secret,
                        first,
                        value,
                    });
                }
            }
        }
        // Behind what is needed.
        if let Some(place) = fields.iter().position(|field| field.name == RATE) {
            let rate = fields.remove(place);
            fields.push(rate);
        }
        fields
    }

    fn asked(self) -> Option<ChannelKind> {
        let code = self.kind.get();
        let kinds = self.state.kinds.get_value();
        kinds.into_iter().find(|kind| kind.code == code)
    }

    fn change(self) -> Result<ProviderChannelChange, AppError> {
        let team = self.team.get_untracked();
        let team = TeamId::parse(team).map_err(|_| AppError::invalid("team", Problem::NotATeam))?;
        let code = self.kind.get_untracked();
        let kinds = self.state.kinds.get_value();
        let kind = kinds.into_iter().find(|kind| kind.code == code);
        let asked = |typed: &Typed| {
            kind.as_ref().is_some_and(|kind| {
                kind.settings.contains(&typed.name) || kind.secrets.contains(&typed.name)
            })
        };
        // What was typed before another kind was chosen is not the channel's.
        let typed = self.typed.get_value().into_iter().filter(asked);
        let (secrets, settings): (Vec<_>, Vec<_>) = typed.partition(|typed| typed.secret);
        let settings = settings.into_iter().map(|typed| NamedValue {
            value: typed.value.get_untracked(),
            name: typed.name,
        });
        let secrets = secrets.into_iter().map(|typed| NamedSecret {
            value: TypedSecret::new(typed.value.get_untracked()),
            name: typed.name,
        });
        Ok(ProviderChannelChange {
            kind: code,
            name: self.name.get_untracked(),
            team,
            address: self.address.get_untracked(),
            settings: settings.collect(),
            secrets: secrets.collect(),
            version: self
                .channel
                .with_value(|channel| channel.as_ref().map_or(0, |channel| channel.version)),
        })
    }

    fn save(self) {
        self.refused.set(None);
        self.changed.set(String::new());
        self.theirs.set(None);
        let change = match self.change() {
            Ok(change) => change,
            Err(error) => return self.refused.set(Some(error)),
        };
        self.saving.set(true);
        let clear = self.kept.clearing();
        spawn_local(async move {
            let known = self
                .channel
                .with_value(|channel| channel.as_ref().map(|channel| channel.key.clone()));
            let key = match &known {
                Some(_) => self.attempt.key(&change),
                None => self.attempt.key_to_create(),
            };
            let key = key.unwrap_or_else(new_key);
            let seen = change.version;
            let mut saved = match known.clone() {
                Some(channel) => provider_channel_update(key, channel, change).await,
                None => provider_channel_create(key, change).await,
            };
            self.attempt.answered(&saved);
            if saved.is_ok() {
                clear();
            }
            if let (Err(error), Some(channel)) = (&mut saved, known) {
                self.look_again(error, channel, seen).await;
            }
            self.saving.try_set(false);
            match saved {
                Ok(channel) => self.state.saved(channel),
                Err(error) => {
                    // The form may have been closed meanwhile.
                    let open = self.refused.try_get_untracked();
                    let again = open.map(|_| Callback::new(move |()| self.save()));
                    if !self.state.proof.takes(&error.0, again) {
                        self.refused.try_set(Some(error.0));
                        focus_soon(".editor [aria-invalid=true], .editor__theirs".to_owned());
                    }
                }
            }
        });
    }

    /// Finds out how the channel stands when somebody else was quicker. The list shows it at once.
    async fn look_again(self, error: &mut ApiError, channel: ChannelKey, seen: i64) {
        let load = async {
            let list = provider_channel_list().await?;
            let mut channels = list.channels.into_iter();
            Ok(channels.find(|known| known.key == channel))
        };
        let now = rival(error, seen, |now: &ProviderChannel| now.version, load).await;
        let Some(now) = now else {
            return;
        };
        self.state.put(now.clone());
        if let Some(Some(shown)) = self.channel.try_get_value() {
            only_theirs(error, &[Difference::Name(shown.name.clone())]);
            self.start_from(now, &shown);
        }
    }

    /// Goes on from the channel as it is by now; before, the form was shown with another one.
    fn start_from(self, now: ProviderChannel, shown: &ProviderChannel) {
        let mut changed = String::new();
        let mut take = |label: &str, field: RwSignal<String>, [shown, now, words]: [&str; 3]| {
            if shown != now && field.with_untracked(|field| field != now) {
                changed.push(' ');
                changed.push_str(&t!(admin.now, field = label, value = words));
            }
            follow(field, &shown.to_owned(), &now.to_owned());
        };
        follow(self.name, &shown.name, &now.name);
        let (address, _) = address_words(&now.kind);
        let (was, is) = (&shown.address[..], &now.address[..]);
        take(address, self.address, [was, is, is]);
        let (was, is) = (shown.team.as_str(), now.team.as_str());
        let label = t!(provider_channels.team);
        take(label, self.team, [was, is, &now.team_name]);
        self.typed.update_value(|typed| {
            for typed in typed.iter_mut().filter(|typed| !typed.secret) {
                let is = setting(&now, &typed.name);
                let texts = [&typed.first[..], &is, &is];
                take(&value_name(&typed.name), typed.value, texts);
                typed.first = is;
            }
        });
        self.changed.set(changed);
        self.channel.set_value(Some(now.clone()));
        self.theirs.set(Some(now));
    }

    fn take_theirs(self) {
        if let Some(channel) = self.theirs.get_untracked() {
            self.kept.store(None);
            self.state.editor.reopen(Some(channel));
        }
    }

    /// What is wrong with a field.
    fn at(self, name: &str) -> Signal<Option<String>> {
        let name = name.to_owned();
        Signal::derive(move || {
            self.refused.with(|error| match error {
                Some(AppError::Invalid { field, problem }) if *field == name => {
                    Some(problem_text(problem))
                }
                _ => None,
            })
        })
    }

    /// What is wrong with none of the fields.
    fn above(self) -> Signal<Option<String>> {
        Signal::derive(move || {
            let error = self.refused.get()?;
            let known = |field: &str| {
                ["name", "address"].contains(&field)
                    || self
                        .typed
                        .with_value(|typed| typed.iter().any(|typed| typed.name == field))
            };
            match &error {
                AppError::Invalid { field, .. } if known(field) => None,
                error => Some(crate::language::error_text(error) + &self.changed.get()),
            }
        })
    }
}

/// What a channel is set to; nothing where it does not say.
fn setting(channel: &ProviderChannel, name: &str) -> String {
    let mut settings = channel.settings.iter();
    let found = settings.find(|setting| setting.name == name);
    found.map_or_else(String::new, |setting| setting.value.clone())
}

/// Keeps what is typed, but for secrets; a channel that was changed since then is gone on with as it was.
fn use_restored(form: Form) -> RwSignal<bool> {
    let version =
        (form.channel).with_value(|channel| channel.as_ref().map_or(0, |channel| channel.version));
    let overtaken = Callback::new(move |(then, version): (Vec<String>, i64)| {
        let [_, name, team, address, settings @ ..] = &then[..] else {
            return;
        };
        let Some(mut channel) = form.channel.get_value() else {
            return;
        };
        channel.name.clone_from(name);
        channel.address.clone_from(address);
        if let Ok(team) = TeamId::parse(team.clone()) {
            channel.team = team;
        }
        channel.version = version;
        form.channel.set_value(Some(channel));
        form.typed.update_value(|typed| {
            let typed = typed.iter_mut().filter(|typed| !typed.secret);
            for (typed, then) in typed.zip(settings) {
                typed.first.clone_from(then);
            }
        });
    });
    let typed = form.typed.get_value().into_iter();
    let typed = typed.filter(|typed| !typed.secret).map(|typed| typed.value);
    let mut fields = vec![form.kind, form.name, form.team, form.address];
    fields.extend(typed);
    use_fields_draft(form.kept, fields, version, overtaken)
}

/// The form for one channel; `None` creates a new one.
#[component]
pub(super) fn ChannelEditor(
    state: ChannelsState,
    channel: Option<ProviderChannel>,
) -> impl IntoView {
    let form = Form::new(state, channel.clone());
    let heading = match &channel {
        Some(channel) => t!(admin.edit_name, name = channel.name),
        None => t!(provider_channels.new).to_owned(),
    };
    let is_new = channel.is_none();
    let deleted = channel.clone();
    let dirty = state.editor.dirty;
    let first = (form.name.get_untracked(), form.address.get_untracked());
    Effect::new(move |_| {
        let typed = form.typed.get_value();
        let changed = typed
            .iter()
            .any(|typed| typed.value.with(|value| *value != typed.first));
        dirty.set(changed | (form.name.get() != first.0) | (form.address.get() != first.1));
    });
    let restored = use_restored(form);
    let kinds = move || {
        let kinds = state.kinds.get_value().into_iter();
        kinds
            .map(|kind| (kind_name(&kind.code), kind.code))
            .collect()
    };
    let teams = move || {
        let teams = state.teams.get_value().into_iter();
        teams.map(|team| (team.name, team.id.to_string())).collect()
    };
    view! {
        <EditorPanel
            title=heading
            refused=form.above()
            saving=form.saving
            held=state.editor.held()
            on_save=Callback::new(move |()| form.save())
            on_cancel=Callback::new(move |()| {
                form.kept.store(None);
                state.cancelled(channel.as_ref());
            })
            further=move || deleted.clone().map(|channel| delete_view(state, channel))
        >
            <Meanwhile
                shown=Signal::derive(move || form.theirs.with(Option::is_some))
                on_theirs=Callback::new(move |()| form.take_theirs())
                on_mine=Callback::new(move |()| form.save())
            />
            {restored_view(restored)}
            {state.teams.with_value(Vec::is_empty).then(|| view! {
                <p class="notice notice--warn">
                    {t!(provider_channels.no_team)}" "<a href="/admin/teams">{t!(teams.title)}</a>
                </p>
            }.into_any())}
            {is_new.then(|| view! {
                <Choice label=t!(provider_channels.kind) name="channel-kind" options=kinds() value=form.kind />
            }.into_any())}
            <Field
                label=t!(provider_channels.name)
                name="channel-name"
                value=form.name
                error=form.at("name")
                required=true
            />
            {move || address_field(form)}
            <Choice label=t!(provider_channels.team) name="channel-team" options=teams() value=form.team />
            {move || asked_fields(form, is_new)}
        </EditorPanel>
    }
}

/// The field for the channel's address, which each kind calls otherwise.
fn address_field(form: Form) -> AnyView {
    let (label, hint) = address_words(&form.kind.get());
    view! {
        <Field
            label=label
            name="channel-address"
            value=form.address
            error=form.at("address")
            hint=hint
            inputmode="tel"
            required=true
        />
    }
    .into_any()
}

/// The fields for the settings and secrets that the kind asks for.
fn asked_fields(form: Form, is_new: bool) -> Vec<AnyView> {
    let kind = form.asked();
    let typed = form.typed.get_value().into_iter();
    let asked = typed.filter(|typed| {
        kind.as_ref().is_some_and(|kind| {
            kind.settings.contains(&typed.name) || kind.secrets.contains(&typed.name)
        })
    });
    let fields = asked.map(|typed| view! { <ValueField form typed is_new /> }.into_any());
    fields.collect()
}

/// Deletes the channel, after a question.
fn delete_view(state: ChannelsState, channel: ProviderChannel) -> AnyView {
    view! {
        <button
            class="button button--danger editor__delete"
            type="button"
            on:click=move |_| state.delete(channel.clone())
        >
            {t!(common.delete)}
        </button>
    }
    .into_any()
}

/// A choice of one by its words.
#[component]
fn Choice(
    label: &'static str,
    name: &'static str,
    /// Words and value of each.
    options: Vec<(String, String)>,
    value: RwSignal<String>,
) -> impl IntoView {
    let options = options.into_iter().map(|(words, option)| {
        let chosen = option.clone();
        let selected = move || value.with(|value| *value == chosen);
        view! {
            <option value=option selected=selected.clone() prop:selected=selected>{words}</option>
        }
        .into_any()
    });
    view! {
        <div class="field">
            <label class="field__label" for=name>{label}</label>
            <select
                class="input"
                id=name
                name=name
                on:change=move |event| value.set(event_target_value(&event))
            >
                {options.collect::<Vec<_>>()}
            </select>
        </div>
    }
}

/// What the provider's account is, or its secret, which is shown only while it is typed.
#[component]
fn ValueField(form: Form, typed: Typed, is_new: bool) -> impl IntoView {
    let id = ["channel-value-", &typed.name].concat();
    let error_id = [&id, "-error"].concat();
    let error = form.at(&typed.name);
    let described = error_id.clone();
    let value = typed.value;
    let hint = match typed.secret {
        true => (!is_new).then_some(t!(provider_channels.secret_stays)),
        false => (typed.name == RATE).then_some(t!(provider_channels.rate_hint)),
    };
    let hint = hint.map(|text| view! { <p class="field__hint">{text}</p> }.into_any());
    view! {
        <div class="field">
            <label class="field__label" for=id.clone()>{value_name(&typed.name)}</label>
            <input
                class="input"
                id=id.clone()
                name=id
                type=if typed.secret { "password" } else { "text" }
                autocomplete=if typed.secret { "new-password" } else { "off" }
                aria-describedby=move || error.with(Option::is_some).then(|| described.clone())
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            />
            {hint}
            {move || error.get().map(|text| view! {
                <p class="field__error" id=error_id.clone() role="alert">{text}</p>
            }.into_any())}
        </div>
    }
}
