//! The panel of one user: name, roles and an agent's capacity.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::admin::{CapacityChange, UserAccount};
use shared::error::{AppError, Difference, Problem};
use shared::people::Role;
use shared::text::{DisplayName, PASSWORD_MAX, PASSWORD_MIN, Username};

use super::memberships::{MembershipFields, Memberships};
use super::password::NewPassword;
use super::state::{SignInAct, UserEdit, UsersState};
use crate::api::ApiError;
use crate::api::administration::{user_create, user_list, user_update};
use crate::attempt::Attempt;
use crate::components::Field;
use crate::drafts::{DraftSlot, use_draft_slot, use_fields_draft};
use crate::routes::admin::capacity_field::{Capacity, CapacityField};
use crate::routes::admin::editor::{EditorPanel, restored_view};
use crate::routes::admin::focus_soon;
use crate::routes::admin::meanwhile::{Meanwhile, follow, only_theirs, rival};
use crate::routes::admin::roles_field::RolesField;
use crate::routes::refusal::Refusal;
use crate::state::use_session;

/// The names of the inputs on the wire.
const FIELDS: &[&str] = &[
    "display_name",
    "username",
    "roles",
    "password",
    "capacity",
    "capacity_chat",
    "capacity_social",
    "capacity_sms",
    "capacity_phone",
    "capacity_email",
];

/// Finds the first input that is wrong, in the order of the page.
const FIRST_WRONG: &str = ".editor :is([aria-invalid=true], .roles--wrong input)";

/// One user as they are being written. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct Form {
    state: UsersState,
    /// As it is stored; `None` for a new one.
    original: StoredValue<Option<UserAccount>>,
    name: RwSignal<String>,
    roles: RwSignal<Vec<Role>>,
    /// Of a new one.
    username: RwSignal<String>,
    /// Of a new one.
    password: RwSignal<String>,
    capacity: Capacity,
    memberships: Memberships,
    /// Whether it is an agent's account, which has a capacity.
    agent: Memo<bool>,
    /// The account as somebody else has saved it since.
    theirs: RwSignal<Option<UserAccount>>,
    attempt: Attempt,
    /// Where the names that are typed outlive the page.
    kept: DraftSlot,
    saving: RwSignal<bool>,
    refusal: Refusal,
}

impl Form {
    fn new(state: UsersState, user: Option<UserAccount>) -> Self {
        let is_new = user.is_none();
        let (name, roles) = match &user {
            Some(user) => (user.name.clone(), user.roles.clone()),
            None => (String::new(), Vec::new()),
        };
        let roles = RwSignal::new(roles);
        let id = user.as_ref().map_or("", |user| user.id.as_str());
        Self {
            state,
            kept: use_draft_slot(&["user/", id].concat()),
            name: RwSignal::new(name),
            roles,
            username: RwSignal::new(String::new()),
            password: RwSignal::new(String::new()),
            memberships: Memberships::new(
                state.teams.get_untracked(),
                user.as_ref().map(|user| &user.id),
            ),
            capacity: Capacity::new(user.as_ref().and_then(|user| user.capacity)),
            agent: Memo::new(move |_| !is_new && roles.with(|roles| roles.contains(&Role::Agent))),
            original: StoredValue::new(user),
            theirs: RwSignal::new(None),
            attempt: Attempt::new(),
            saving: RwSignal::new(false),
            refusal: Refusal::new(),
        }
    }

    /// Whether something differs from what is stored. Tracked.
    fn is_changed(self) -> bool {
        let (name, roles) = (self.name.get(), self.roles.get());
        let moved = self.memberships.differ();
        self.original.with_value(|original| match original {
            Some(user) => {
                let capacity = self.agent.get() && self.capacity.differs(user.capacity);
                user.name != name || user.roles != roles || capacity || moved
            }
            None => {
                let blank = name.is_empty() && roles.is_empty();
                !blank
                    || moved
                    || self.username.with(|text| !text.is_empty())
                    || self.password.with(|text| !text.is_empty())
            }
        })
    }

    /// `again` saves once more, when the administrator had to prove who they are.
    fn save(self, again: Callback<()>) {
        self.refusal.clear();
        self.state.said.set(String::new());
        self.theirs.set(None);
        let roles = self.roles.get_untracked();
        let gives = self.agent.get_untracked();
        let gives = gives.then(|| self.capacity.chosen()).transpose();
        let (gives, wrong) = match gives {
            Ok(gives) => (gives, self.problems(None)),
            Err(error) => (None, self.problems(Some(error))),
        };
        if self.refusal.set_all(wrong) {
            focus_soon(FIRST_WRONG.to_owned());
            return;
        }
        self.saving.set(true);
        let (name, clear) = (self.name.get_untracked(), self.kept.clearing());
        spawn_local(async move {
            let answer = self.send(name, roles, gives).await;
            self.attempt.answered(&answer);
            if answer.is_ok() {
                clear();
            }
            match answer {
                Ok(user) => {
                    let teams = self.memberships.change(&user.roles);
                    let placed = self.state.place(&user.id, teams.clone()).await;
                    let id = user.id.clone();
                    self.saving.try_set(false);
                    self.state.saved(user);
                    match placed {
                        Ok(()) => drop(self.state.trouble.try_set(None)),
                        Err(error) => self.state.not_placed(id, teams, error),
                    }
                }
                Err(error) => self.refused(error, again).await,
            }
        });
    }

    /// Everything that both sides know to be wrong, so that nobody learns it one by one. Whether a password or a
    /// username may be used the host alone knows.
    fn problems(self, capacity: Option<AppError>) -> Vec<AppError> {
        let mut wrong = Vec::from_iter(DisplayName::parse(&self.name.get_untracked()).err());
        let is_new = self.original.with_value(Option::is_none);
        if is_new {
            wrong.extend(Username::parse(&self.username.get_untracked()).err());
            let length = (self.password).with_untracked(|password| password.chars().count());
            if length < PASSWORD_MIN {
                let problem = Problem::WrongLength {
                    min: PASSWORD_MIN as i64,
                    max: PASSWORD_MAX as i64,
                    actual: length as i64,
                };
                wrong.push(AppError::invalid("password", problem));
            }
        }
        if self.roles.with_untracked(Vec::is_empty) {
            wrong.push(AppError::invalid("roles", Problem::NoneChosen));
        }
        wrong.extend(capacity);
        wrong
    }

    async fn send(
        self,
        name: String,
        roles: Vec<Role>,
        gives: Option<CapacityChange>,
    ) -> Result<UserAccount, ApiError> {
        match self.original.get_value() {
            Some(user) => {
                let key = (self.attempt).key(&(&user.id, user.version, &name, &roles, gives));
                user_update(key, user.id, Some(user.version), name, roles, gives).await
            }
            None => {
                let username = self.username.get_untracked();
                let password = self.password.get_untracked();
                let key = self.attempt.key_to_create();
                user_create(key, username, name, roles, password).await
            }
        }
    }

    async fn refused(self, mut error: ApiError, again: Callback<()>) {
        // The form may have been closed meanwhile.
        let open = self.original.try_get_value();
        let again = open.is_some().then_some(again);
        if self.state.proof.takes(&error.0, again) {
            self.saving.try_set(false);
            return;
        }
        if let Some(user) = open.flatten() {
            let load = async {
                let users = user_list().await?;
                Ok(users.into_iter().find(|known| known.id == user.id))
            };
            let now = rival(&error, user.version, |now: &UserAccount| now.version, load).await;
            if let Some(now) = now
                && self.saving.try_get_untracked().is_some()
            {
                only_theirs(&mut error, &differences(&user));
                self.start_from(now, &user);
            }
        }
        self.saving.try_set(false);
        self.refusal.set(error);
        focus_soon(".editor [aria-invalid=true], .editor__theirs".to_owned());
    }

    /// Goes on from the account as it is by now; before, the form was shown with another one.
    fn start_from(self, now: UserAccount, shown: &UserAccount) {
        follow(self.name, &shown.name, &now.name);
        (self.roles).update(|roles| follow_roles(roles, &shown.roles, &now.roles));
        self.capacity.follow(shown.capacity, now.capacity);
        self.original.set_value(Some(now.clone()));
        self.theirs.set(Some(now));
    }

    fn take_theirs(self) {
        if let Some(user) = self.theirs.get_untracked() {
            self.kept.store(None);
            self.state.put(user.clone());
            self.state.editor.reopen(UserEdit::Change(user));
        }
    }

    fn cancel(self) {
        self.kept.store(None);
        let edit = (self.original.get_value()).map_or(UserEdit::New, UserEdit::Change);
        self.state.cancelled(&edit);
    }
}

/// An account as a refusal would name it.
fn differences(user: &UserAccount) -> [Difference; 3] {
    [
        Difference::Name(user.name.clone()),
        Difference::Roles(user.roles.clone()),
        Difference::Capacity(user.capacity),
    ]
}

/// Gives the roles that somebody else gave, and takes those that they took. What was changed here stays, and the order as well.
fn follow_roles(roles: &mut Vec<Role>, shown: &[Role], now: &[Role]) {
    if *roles == shown {
        *roles = now.to_vec();
        return;
    }
    roles.retain(|role| now.contains(role) || !shown.contains(role));
    for role in now.iter().filter(|role| !shown.contains(role)) {
        if !roles.contains(role) {
            roles.push(*role);
        }
    }
}

/// The form's way to save, which it may have to take again.
fn use_save(form: Form) -> Callback<()> {
    let again = StoredValue::new(None);
    let save = Callback::new(move |()| {
        if let Some(again) = again.get_value() {
            form.save(again);
        }
    });
    again.set_value(Some(save));
    save
}

/// Keeps the names that are typed; an account that was renamed since they were typed is gone on with as it was then.
fn use_restored(form: Form) -> RwSignal<bool> {
    let version = (form.original).with_value(|user| user.as_ref().map_or(0, |user| user.version));
    let overtaken = Callback::new(move |(then, version): (Vec<String>, i64)| {
        form.original.update_value(|user| {
            if let (Some(user), [name, _]) = (user, &then[..]) {
                user.name.clone_from(name);
                user.version = version;
            }
        });
    });
    let fields = vec![form.name, form.username];
    use_fields_draft(form.kept, fields, version, overtaken)
}

/// The form for one user; `None` creates a new one.
#[component]
pub(super) fn UserEditor(state: UsersState, user: Option<UserAccount>) -> impl IntoView {
    let is_new = user.is_none();
    let heading = user.as_ref().map_or_else(
        || t!(users.new).to_owned(),
        |user| t!(admin.edit_name, name = user.name),
    );
    let built = (user.as_ref()).map_or_else(String::new, |user| user.built.join(", "));
    let form = Form::new(state, user);
    let Form {
        name,
        roles,
        username,
        password,
        capacity,
        agent,
        theirs,
        refusal,
        ..
    } = form;
    let dirty = state.editor.dirty;
    Effect::new(move |_| dirty.set(form.is_changed()));
    let restored = use_restored(form);
    let on_save = use_save(form);
    view! {
        <EditorPanel
            title=heading
            refused=refusal.above(FIELDS)
            saving=form.saving
            held=state.editor.held()
            on_save
            on_cancel=Callback::new(move |()| form.cancel())
            further=move || form.original.get_value().and_then(|user| delete_view(state, user))
        >
            <Meanwhile
                shown=Signal::derive(move || theirs.with(Option::is_some))
                on_theirs=Callback::new(move |()| form.take_theirs())
                on_mine=on_save
            />
            {restored_view(restored)}
            <Field
                label=t!(users.name)
                name="user-name"
                value=name
                error=refusal.at("display_name")
                hint=t!(users.name_hint)
                required=true
            />
            {is_new.then(|| view! {
                <Field
                    label=t!(users.username)
                    name="user-username"
                    value=username
                    error=refusal.at("username")
                    hint=t!(users.username_hint)
                    required=true
                />
            }.into_any())}
            <RolesField roles error=refusal.at("roles") />
            {(!built.is_empty()).then(|| view! {
                <p class="field__hint">{t!(users.built, names = built)}</p>
            }.into_any())}
            <MembershipFields memberships=form.memberships roles />
            {move || agent.get().then(|| view! { <CapacityField capacity refusal /> }.into_any())}
            {is_new.then(|| view! { <NewPassword password refusal /> }.into_any())}
            {(!is_new).then(|| view! {
                <p class="field__hint">{t!(users.roles_hint)}</p>
                <SignInActs state user=form.original />
            }.into_any())}
        </EditorPanel>
    }
}

/// Deletes somebody else, after a question.
fn delete_view(state: UsersState, user: UserAccount) -> Option<AnyView> {
    let me = use_session().me.with_untracked(|me| me.id == user.id);
    (!me).then(|| {
        view! {
            <button
                class="button button--danger editor__delete"
                type="button"
                on:click=move |_| state.delete(user.clone())
            >
                {t!(common.delete)}
            </button>
        }
        .into_any()
    })
}

/// What an administrator does about somebody's lost device.
#[component]
fn SignInActs(state: UsersState, user: StoredValue<Option<UserAccount>>) -> impl IntoView {
    let act = move |act: SignInAct| {
        if let Some(user) = user.get_value() {
            state.sign_in_act(user, act);
        }
    };
    view! {
        <fieldset class="field">
            <legend class="field__label">{t!(users.sign_in)}</legend>
            <div class="row">
                <button class="button" type="button" on:click=move |_| act(SignInAct::EndSessions)>
                    {t!(users.sessions_end)}
                </button>
                <button class="button" type="button" on:click=move |_| act(SignInAct::ResetSecondFactor)>
                    {t!(users.second_factor_reset)}
                </button>
            </div>
            <p class="field__hint">{t!(users.sign_in_hint)}</p>
        </fieldset>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e03_roles_that_somebody_else_gave_or_took_are_given_and_taken_beside_what_was_chosen() {
        let (agent, supervisor, administrator) =
            (Role::Agent, Role::Supervisor, Role::Administrator);
        let followed = |mine: &[Role], shown: &[Role], now: &[Role]| {
            let mut roles = mine.to_vec();
            follow_roles(&mut roles, shown, now);
            roles
        };
        // Left alone, also in another order.
        let shown = [agent, administrator];
        let turned = [administrator, agent];
        assert_eq!(followed(&shown, &shown, &turned), turned);
        assert_eq!(followed(&turned, &shown, &shown), turned);
        // One that was taken away does not come back, and what was chosen here stays.
        let mine = [supervisor, agent, administrator];
        assert_eq!(followed(&mine, &shown, &[agent]), [supervisor, agent]);
        // Both gave the same one, or each another one.
        assert_eq!(followed(&mine, &shown, &mine), mine);
        let mine = [agent, supervisor];
        let given = followed(&mine, &[agent], &[agent, administrator]);
        assert_eq!(given, [agent, supervisor, administrator]);
    }
}
