//! Two tabs with the same form of the host's own pages: one that was refused for another reason, and is sent again, undoes nothing
//! that the other tab has saved meanwhile; one that was overtaken keeps what the other changed in fields that it left alone; and one about
//! something that the other has deleted keeps what was typed, to be copied.

use crate::browser::{Browser, Shown};
use crate::support::{Host, key};

type Pair = (&'static str, &'static str);

/// An editor, with what a story types into it.
struct Editor {
    page: &'static str,
    who: &'static str,
    /// What makes the thing; nothing for what is there.
    create: &'static [Pair],
    /// What stands before its id on the page, and what comes after it.
    around_id: Pair,
    act: &'static str,
    /// The field that holds its id.
    id: &'static str,
    /// What else the form says.
    rest: &'static [Pair],
    /// A field that both change, with what each wants in it.
    both: (&'static str, Pair),
    /// What mine changes where theirs changes the field above.
    mine_alone: &'static [Pair],
    /// What is refused.
    wrong: Pair,
}

const EDITORS: [Editor; 7] = [
    Editor {
        page: "/admin/alerts",
        who: "ada",
        create: &[("kind", "queued"), ("minutes", "5"), ("name", "Original")],
        around_id: ("name=\"id\" value=\"", "value=\"Original\""),
        act: "update",
        id: "id",
        rest: &[("kind", "queued"), ("minutes", "5"), ("active", "on")],
        both: ("name", ("Theirs", "Mine")),
        mine_alone: &[("minutes", "6")],
        wrong: ("minutes", "0"),
    },
    Editor {
        page: "/admin/labels",
        who: "ada",
        create: &[("kind", "tag"), ("team", ""), ("name", "Original")],
        around_id: ("name=\"id\" value=\"", "value=\"Original\""),
        act: "update",
        id: "id",
        rest: &[("active", "on")],
        both: ("name", ("Theirs", "Mine")),
        mine_alone: &[("active", "")],
        wrong: ("name", ""),
    },
    Editor {
        page: "/admin/roles",
        who: "ada",
        create: &[("kind", "agent"), ("name", "Original")],
        around_id: ("name=\"role\" value=\"", "value=\"Original\""),
        act: "update",
        id: "role",
        rest: &[
            ("permission", "workitem.handle"),
            ("password", "sideline-demo"),
        ],
        both: ("name", ("Theirs", "Mine")),
        mine_alone: &[("permission", "audit.view")],
        wrong: ("name", ""),
    },
    Editor {
        page: "/admin/webhooks",
        who: "ada",
        create: &[
            ("name", "Original"),
            ("url", "http://127.0.0.1:9/hooks"),
            ("event", "workitem.ended"),
        ],
        around_id: ("name=\"receiver\" value=\"", "value=\"Original\""),
        act: "update",
        id: "receiver",
        rest: &[("url", ""), ("event", "workitem.ended")],
        both: ("name", ("Theirs", "Mine")),
        mine_alone: &[("event", "message.created")],
        wrong: ("url", "archive.example"),
    },
    Editor {
        page: "/texts",
        who: "sam",
        create: &[
            ("for", "coaching"),
            ("team", "care"),
            ("title", "Original"),
            ("text", "Breathe."),
        ],
        around_id: ("?edit=", "aria-label=\"Edit Original\""),
        act: "update",
        id: "id",
        rest: &[("text", "Breathe.")],
        both: ("title", ("Theirs", "Mine")),
        mine_alone: &[("text", "Count to ten.")],
        wrong: ("text", " "),
    },
    Editor {
        page: "/dashboard/views",
        who: "sam",
        create: &[("name", "Original"), ("team", ""), ("filter", "show=hand")],
        around_id: ("?edit=", "aria-label=\"Edit Original\""),
        act: "update",
        id: "id",
        rest: &[("team", "")],
        both: ("name", ("Theirs", "Mine")),
        mine_alone: &[("team", "care")],
        wrong: ("name", ""),
    },
    Editor {
        page: "/admin/escalation",
        who: "ada",
        create: &[],
        around_id: ("name=\"team\" value=\"", "name=\"version\""),
        act: "save",
        id: "team",
        rest: &[("on_call_after", ""), ("on_call", "")],
        both: ("all_after", ("5", "6")),
        mine_alone: &[("on_call_after", "9"), ("on_call", "sue")],
        wrong: ("all_after", "soon"),
    },
];

impl Editor {
    /// A tab of its user, with the page as it is once the thing is there.
    async fn begin<'a>(&self, host: &'a Host) -> (Browser<'a>, Shown) {
        let mut tab = self.tab(host).await;
        if self.create.is_empty() {
            let page = tab.get(self.page).await;
            return (tab, page);
        }
        let key = key();
        let mut form = vec![("act", "create"), ("key", &key[..])];
        form.extend(self.create);
        let made = tab.fill(self.page, &form).await;
        assert_eq!(made.status, 200, "{}: {}", self.page, made.body);
        (tab, made)
    }

    async fn tab<'a>(&self, host: &'a Host) -> Browser<'a> {
        let mut tab = Browser::new(host);
        tab.sign_in(self.who, "sideline-demo").await;
        tab
    }

    fn id_on(&self, page: &Shown) -> String {
        let (before, after) = self.around_id;
        let end = page.body.find(after).expect("the thing is shown");
        let begin = page.body[..end].rfind(before).expect("its id") + before.len();
        let id = page.body[begin..end].split(['"', '&']).next();
        id.expect("an id").to_owned()
    }

    /// Sends the form with one field as it is asked for.
    async fn send(
        &self,
        tab: &mut Browser<'_>,
        (id, version): (&str, &str),
        (field, value): Pair,
    ) -> Shown {
        let (both, (_, mine)) = self.both;
        let fields = match field == both {
            true => vec![(field, value)],
            false => vec![(both, mine), (field, value)],
        };
        self.send_from(tab, (id, version, ""), &fields).await
    }

    /// Sends the form as it was first shown with this digest of its fields, and with some of them as they are asked for.
    async fn send_from(
        &self,
        tab: &mut Browser<'_>,
        (id, version, base): (&str, &str, &str),
        fields: &[Pair],
    ) -> Shown {
        let key = key();
        let mut form = vec![
            ("act", self.act),
            ("key", &key[..]),
            (self.id, id),
            ("version", version),
            ("base", base),
        ];
        let asked = |name: &str| fields.iter().any(|(field, _)| *field == name);
        form.extend(self.rest.iter().copied().filter(|(name, _)| !asked(name)));
        form.extend(fields);
        tab.fill(self.page, &form).await
    }

    /// A tab that shows the form of a thing with these fields, before another tab saves others; with its id, version and base.
    async fn overtaken<'a>(
        &self,
        host: &'a Host,
        stored: &[Pair],
        theirs: &[Pair],
    ) -> (Browser<'a>, [String; 3]) {
        let (mut tab, shown) = self.begin(host).await;
        let id = self.id_on(&shown);
        let begun = self.send_from(&mut tab, (&id, "0", ""), stored).await;
        assert_eq!(begun.status, 200, "{}: {}", self.page, begun.body);
        let shown = tab.get(&self.form_of(&id)).await;
        let [version, base] = ["version", "base"].map(|name| self.hidden_on(&shown, &id, name));
        let mut other = self.tab(host).await;
        let from = (&id[..], &version[..], &base[..]);
        let saved = self.send_from(&mut other, from, theirs).await;
        assert_eq!(saved.status, 200, "{}: {}", self.page, saved.body);
        (tab, [id, version, base])
    }

    /// What stands at first in the field that both change.
    fn original(&self) -> Pair {
        let original = if self.create.is_empty() {
            ""
        } else {
            "Original"
        };
        (self.both.0, original)
    }

    /// Where the form of the thing is.
    fn form_of(&self, id: &str) -> String {
        match self.page {
            "/texts" | "/dashboard/views" => format!("{}?edit={id}", self.page),
            "/admin/webhooks" => format!("{}?receiver={id}", self.page),
            page => page.to_owned(),
        }
    }

    /// What a hidden field of the form holds.
    fn hidden_on(&self, page: &Shown, id: &str, name: &str) -> String {
        let form = format!("name=\"{}\" value=\"{id}\"", self.id);
        let (_, form) = page.body.split_once(&form).expect("the form");
        let field = format!("name=\"{name}\" value=\"");
        let (_, held) = form.split_once(&field).expect("the field");
        let held = held.split('"').next();
        held.expect("what it holds").to_owned()
    }
}

#[tokio::test]
async fn e03_a_form_that_was_refused_and_is_sent_again_undoes_nothing_of_another_tab() {
    let host = Host::start().await;
    for editor in EDITORS {
        let page = editor.page;
        let (mut mine, shown) = editor.begin(&host).await;
        let id = editor.id_on(&shown);
        let (both, (theirs, ours)) = editor.both;

        let refused = editor.send(&mut mine, (&id, "0"), editor.wrong).await;
        assert_eq!(refused.status, 422, "{page}: {}", refused.body);
        let mut other = editor.tab(&host).await;
        let saved = editor.send(&mut other, (&id, "0"), (both, theirs)).await;
        assert_eq!(saved.status, 200, "{page}: {}", saved.body);

        // It was mended, and started before the other one was saved.
        let version = editor.hidden_on(&refused, &id, "version");
        let late = editor.send(&mut mine, (&id, &version), (both, ours)).await;
        assert_eq!(late.status, 422, "{page}: {}", late.body);
        let meanwhile = "has changed this meanwhile";
        assert!(late.body.contains(meanwhile), "{page}: {}", late.body);
        // What stands there now is named.
        let now = format!("“{theirs}”");
        assert!(late.body.contains(&now), "{page}: {}", late.body);

        // Who has read that may save over it.
        let version = editor.hidden_on(&late, &id, "version");
        let decided = editor.send(&mut mine, (&id, &version), (both, ours)).await;
        assert_eq!(decided.status, 200, "{page}: {}", decided.body);
    }
}

/// Why a form was refused.
fn problem_on(page: &Shown) -> &str {
    let (_, problem) = page.body.split_once("id=\"problem\"").expect("a reason");
    let (problem, _) = problem.split_once("</p>").expect("its end");
    problem
}

#[tokio::test]
async fn e03_who_was_overtaken_keeps_what_somebody_else_changed_in_fields_left_alone() {
    let host = Host::start().await;
    for editor in EDITORS {
        let page = editor.page;
        let (both, (theirs, _)) = editor.both;
        let (stored, saved) = ([editor.original()], [(both, theirs)]);
        let (mut mine, [id, version, base]) = editor.overtaken(&host, &stored, &saved).await;

        let fields = [&[editor.original()][..], editor.mine_alone].concat();
        let from = (&id[..], &version[..], &base[..]);
        let late = editor.send_from(&mut mine, from, &fields).await;
        assert_eq!(late.status, 422, "{page}: {}", late.body);
        // It names what somebody else changed, and nothing that its sender alone did.
        let problem = problem_on(&late);
        assert!(problem.contains(&format!(": now “{theirs}”")), "{problem}");
        assert_eq!(problem.matches(": now ").count(), 1, "{problem}");
        // The page opens there.
        assert!(
            problem.starts_with(" tabindex=\"-1\" autofocus>"),
            "{problem}"
        );
        assert_eq!(late.body.matches(" autofocus").count(), 1, "{page}");
        // The form has it by now, so that it is not taken back.
        let kept = format!("name=\"{both}\" value=\"{theirs}\"");
        assert!(late.body.contains(&kept), "{page}: {}", late.body);
        let [version, base] = ["version", "base"].map(|name| editor.hidden_on(&late, &id, name));
        let fields = [&[(both, theirs)][..], editor.mine_alone].concat();
        let from = (&id[..], &version[..], &base[..]);
        let decided = editor.send_from(&mut mine, from, &fields).await;
        assert_eq!(decided.status, 200, "{page}: {}", decided.body);
        let shown = mine.get(&editor.form_of(&id)).await;
        assert!(shown.body.contains(&kept), "{page}: {}", shown.body);
    }
}

/// A field with several values that two change, each other ones.
struct Several {
    editor: &'static Editor,
    field: &'static str,
    shown: &'static [&'static str],
    theirs: &'static [&'static str],
    mine: &'static [&'static str],
    /// What the conflict names.
    named: &'static str,
    /// What mine has once it has read that.
    together: &'static [&'static str],
}

const SEVERAL: [Several; 3] = [
    // A permission that was revoked does not come back.
    Several {
        editor: &EDITORS[2],
        field: "permission",
        shown: &["workitem.handle", "audit.view", "team.manage"],
        theirs: &["workitem.handle", "team.manage"],
        mine: &["workitem.handle", "audit.view", "template.manage"],
        named: "Read and export the audit log: now “Off”.",
        together: &["workitem.handle", "template.manage"],
    },
    Several {
        editor: &EDITORS[3],
        field: "event",
        shown: &["workitem.ended", "workitem.created"],
        theirs: &["workitem.ended", "workitem.created", "message.created"],
        mine: &["workitem.ended", "workitem.assigned"],
        named: "Customer or agent said something that both see: now “On”.",
        together: &["workitem.ended", "workitem.assigned", "message.created"],
    },
    Several {
        editor: &EDITORS[3],
        field: "team",
        shown: &["care"],
        theirs: &["care", "sales"],
        mine: &[],
        named: "Sales: now “On”.",
        together: &["sales"],
    },
];

impl Several {
    /// The form with these values and nothing else that is changed.
    fn with(&self, values: &[&'static str]) -> Vec<Pair> {
        let values = values.iter().map(|value| (self.field, *value));
        values.chain([self.editor.original()]).collect()
    }

    /// The values of all of these that are checked in the form of the thing.
    fn checked(&self, page: &Shown, id: &str) -> Vec<&'static str> {
        let of_it = format!("name=\"{}\" value=\"{id}\"", self.editor.id);
        let forms = page.body.split("</form>");
        let forms: Vec<&str> = forms.filter(|form| form.contains(&of_it)).collect();
        let all = [self.together, self.shown, self.theirs, self.mine].concat();
        let mut checked = Vec::new();
        for value in all {
            let field = format!("name=\"{}\" value=\"{value}\" checked", self.field);
            let is = forms.iter().any(|form| form.contains(&field));
            if is && !checked.contains(&value) {
                checked.push(value);
            }
        }
        checked
    }
}

#[tokio::test]
async fn e03_of_a_field_with_several_values_each_is_compared_and_named_alone() {
    for several in SEVERAL {
        let host = Host::start().await;
        let (editor, field) = (several.editor, several.field);
        let (stored, theirs) = (several.with(several.shown), several.with(several.theirs));
        let (mut mine, [id, version, base]) = editor.overtaken(&host, &stored, &theirs).await;

        let from = (&id[..], &version[..], &base[..]);
        let ours = several.with(several.mine);
        let late = editor.send_from(&mut mine, from, &ours).await;
        assert_eq!(late.status, 422, "{field}: {}", late.body);
        let problem = problem_on(&late);
        assert!(problem.contains(several.named), "{problem}");
        assert_eq!(problem.matches(": now ").count(), 1, "{problem}");
        assert_eq!(several.checked(&late, &id), several.together, "{field}");

        // Saving the form as it stands undoes nothing.
        let [version, base] = ["version", "base"].map(|name| editor.hidden_on(&late, &id, name));
        let from = (&id[..], &version[..], &base[..]);
        let together = several.with(several.together);
        let decided = editor.send_from(&mut mine, from, &together).await;
        assert_eq!(decided.status, 200, "{field}: {}", decided.body);
        let shown = mine.get(&editor.form_of(&id)).await;
        assert_eq!(several.checked(&shown, &id), several.together, "{field}");
    }
}

/// A rule with phrases, one a line.
const PHRASES: Editor = Editor {
    page: "/admin/alerts",
    who: "ada",
    create: &[("kind", "words"), ("words", "refund"), ("name", "Original")],
    around_id: ("name=\"id\" value=\"", "value=\"Original\""),
    act: "update",
    id: "id",
    rest: &[("kind", "words"), ("active", "on")],
    both: ("name", ("Theirs", "Mine")),
    mine_alone: &[("words", "lawyer")],
    wrong: ("words", ""),
};

#[tokio::test]
async fn e03_of_a_text_with_a_phrase_a_line_each_line_is_compared_and_named_alone() {
    let host = Host::start().await;
    let with = |phrases: &'static str| [PHRASES.original(), ("words", phrases)];
    let (stored, theirs) = (with("refund\nlawyer"), with("refund\nlawyer\nchargeback"));
    let (mut mine, [id, version, base]) = PHRASES.overtaken(&host, &stored, &theirs).await;

    let from = (&id[..], &version[..], &base[..]);
    let ours = with("cancel\r\nrefund");
    let late = PHRASES.send_from(&mut mine, from, &ours).await;
    assert_eq!(late.status, 422, "{}", late.body);
    let problem = problem_on(&late);
    assert!(problem.contains(": now with “chargeback”."), "{problem}");
    assert_eq!(problem.matches(": now ").count(), 1, "{problem}");
    let together = ">refund\nchargeback\ncancel</textarea>";
    assert!(late.body.contains(together), "{}", late.body);

    // Saving the form as it stands undoes nothing.
    let [version, base] = ["version", "base"].map(|name| PHRASES.hidden_on(&late, &id, name));
    let from = (&id[..], &version[..], &base[..]);
    let both = with("refund\r\nchargeback\r\ncancel");
    let decided = PHRASES.send_from(&mut mine, from, &both).await;
    assert_eq!(decided.status, 200, "{}", decided.body);
    assert!(decided.body.contains(together), "{}", decided.body);
}

#[tokio::test]
async fn e03_on_a_page_of_many_the_row_is_named_and_one_that_was_left_alone_has_nothing_to_save() {
    let host = Host::start().await;
    let [alerts, labels, roles, .., escalation] = &EDITORS;
    let rows = [
        (alerts, "Rule “Theirs”: "),
        (labels, "Tag “Theirs”: "),
        (roles, "Role “Theirs”: "),
        (escalation, "Team “"),
    ];
    for (editor, row) in rows {
        let page = editor.page;
        let (both, (theirs, _)) = editor.both;
        let (stored, saved) = ([editor.original()], [(both, theirs)]);
        let (mut mine, [id, version, base]) = editor.overtaken(&host, &stored, &saved).await;

        let from = (&id[..], &version[..], &base[..]);
        let untouched = editor
            .send_from(&mut mine, from, &[editor.original()])
            .await;
        assert_eq!(untouched.status, 422, "{page}: {}", untouched.body);
        let problem = problem_on(&untouched);
        let begins = format!(">{row}");
        assert!(problem.contains(&begins), "{problem}");
        assert!(problem.contains("You changed nothing here"), "{problem}");
        assert!(!problem.contains("not saved"), "{problem}");
        assert!(problem.contains(&format!(": now “{theirs}”")), "{problem}");
        let kept = format!("name=\"{both}\" value=\"{theirs}\"");
        assert!(untouched.body.contains(&kept), "{page}");

        let fields = [&[editor.original()][..], editor.mine_alone].concat();
        let late = editor.send_from(&mut mine, from, &fields).await;
        assert_eq!(late.status, 422, "{page}: {}", late.body);
        let problem = problem_on(&late);
        assert!(problem.contains(&begins), "{problem}");
        assert!(problem.contains("has changed this meanwhile"), "{problem}");
    }
}

#[tokio::test]
async fn what_was_typed_about_something_that_was_deleted_meanwhile_is_kept_to_be_copied() {
    let host = Host::start().await;
    for editor in EDITORS.iter().filter(|editor| !editor.create.is_empty()) {
        let page = editor.page;
        let (mut mine, shown) = editor.begin(&host).await;
        let id = editor.id_on(&shown);
        let (both, (_, ours)) = editor.both;
        let mut other = editor.tab(&host).await;
        let deleting = key();
        let delete = [
            ("act", "delete"),
            ("key", &deleting[..]),
            (editor.id, &id[..]),
            ("version", "0"),
        ];
        let deleted = other.fill(page, &delete).await;
        assert_eq!(deleted.status, 200, "{page}: {}", deleted.body);

        let late = editor.send(&mut mine, (&id, "0"), (both, ours)).await;
        assert_eq!(late.status, 404, "{page}: {}", late.body);
        let problem = problem_on(&late);
        assert!(problem.contains("This was deleted meanwhile"), "{problem}");
        assert!(
            problem.starts_with(" tabindex=\"-1\" autofocus>"),
            "{problem}"
        );
        let field = format!("id=\"lost-{both}\"");
        let (_, lost) = late.body.split_once(&field).expect("what was typed");
        let (_, lost) = lost.split_once('>').expect("the field");
        assert!(lost.starts_with(&format!("\n{ours}</textarea>")), "{lost}");
        // The tab has no form for it any more.
        assert!(late.body.contains("data-answer=\"gone\""), "{page}");

        // Who deletes it once more has typed nothing.
        let again = key();
        let delete = [
            ("act", "delete"),
            ("key", &again[..]),
            (editor.id, &id[..]),
            ("version", "0"),
        ];
        let again = mine.fill(page, &delete).await;
        assert!([200, 404].contains(&again.status), "{}", again.body);
        assert!(!again.body.contains("id=\"lost\""), "{page}");
        // What is there besides is shown, and nobody else learns of the page.
        let mut amy = Browser::new(&host);
        amy.sign_in("amy", "sideline-demo").await;
        if amy.get(page).await.status == 404 {
            let refused = editor.send(&mut amy, (&id, "0"), (both, ours)).await;
            assert_eq!(refused.status, 404, "{page}");
            assert!(!refused.body.contains("meanwhile"), "{page}");
        }
    }
}

#[tokio::test]
async fn a_text_that_was_changed_meanwhile_is_listed_as_it_reads_now_and_not_deleted() {
    let host = Host::start().await;
    let [.., texts, _, _] = &EDITORS;
    let (mut mine, shown) = texts.begin(&host).await;
    let id = texts.id_on(&shown);
    let mut other = texts.tab(&host).await;
    let saved = texts
        .send(&mut other, (&id, "0"), ("title", "Theirs"))
        .await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    let key = key();
    let delete = [
        ("act", "delete"),
        ("key", &key[..]),
        ("id", &id[..]),
        ("version", "0"),
    ];
    let refused = mine.fill(texts.page, &delete).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert!(refused.body.contains("It is not deleted."));
    assert!(refused.body.contains("aria-label=\"Edit Theirs\""));
}
