//! Two tabs with the same form of the host's own pages: one that was refused for another reason, and is sent again, undoes nothing
//! that the other tab has saved meanwhile.

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

    /// The version that the form on the page starts from.
    fn version_on(&self, page: &Shown, id: &str) -> String {
        let form = format!("name=\"{}\" value=\"{id}\"", self.id);
        let (_, form) = page.body.split_once(&form).expect("the form");
        let (_, version) = form
            .split_once("name=\"version\" value=\"")
            .expect("its version");
        let version = version.split('"').next();
        version.expect("a version").to_owned()
    }

    /// Sends the form with one field as it is asked for.
    async fn send(
        &self,
        tab: &mut Browser<'_>,
        (id, version): (&str, &str),
        (field, value): Pair,
    ) -> Shown {
        let key = key();
        let mut form = vec![
            ("act", self.act),
            ("key", &key[..]),
            (self.id, id),
            ("version", version),
        ];
        let (both, (_, mine)) = self.both;
        let rest = self.rest.iter().copied().chain([(both, mine)]);
        form.extend(rest.filter(|(name, _)| *name != field));
        form.push((field, value));
        tab.fill(self.page, &form).await
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
        let version = editor.version_on(&refused, &id);
        let late = editor.send(&mut mine, (&id, &version), (both, ours)).await;
        assert_eq!(late.status, 422, "{page}: {}", late.body);
        let meanwhile = "has changed this meanwhile";
        assert!(late.body.contains(meanwhile), "{page}: {}", late.body);
        // What stands there now is named.
        let now = format!("“{theirs}”");
        assert!(late.body.contains(&now), "{page}: {}", late.body);

        // Who has read that may save over it.
        let version = editor.version_on(&late, &id);
        let decided = editor.send(&mut mine, (&id, &version), (both, ours)).await;
        assert_eq!(decided.status, 200, "{page}: {}", decided.body);
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
