//! The form in which the page asks how a chat was.

use i18n::{Language, t};
use maud::{Markup, PreEscaped, html};
use shared::rating::Score;

use super::message::SentForm;

/// The name of a score.
fn name(language: Language, score: Score) -> &'static str {
    match score.number() {
        1 => t!(language, chat.rating_1),
        2 => t!(language, chat.rating_2),
        3 => t!(language, chat.rating_3),
        4 => t!(language, chat.rating_4),
        _ => t!(language, chat.rating_5),
    }
}

/// The form. It is there in any case, because a conversation ends while its page is open; `hidden` until then.
pub(super) fn form(
    language: Language,
    path: &str,
    fields: &Markup,
    typed: Option<&SentForm>,
    hidden: bool,
) -> Markup {
    let comment = typed.map_or("", |form| form.comment.as_str());
    let chosen = |score: Score| typed.is_some_and(|form| form.rating == score.number().to_string());
    html! {
        form class="composer rating" id="rating" method="post" action=(path) hidden[hidden] {
            (fields)
            fieldset {
                legend { (t!(language, chat.rating_title)) }
                @for score in Score::all() {
                    label {
                        input type="radio" name="rating" value=(score.number()) required aria-describedby="status"
                            checked[chosen(score)];
                        (score.number()) " " (name(language, score))
                    }
                }
            }
            div {
                label for="comment" { (t!(language, chat.comment)) }
                textarea id="comment" name="comment" dir="auto" rows="1" enterkeyhint="enter" aria-describedby="status" {
                    (PreEscaped("\n")) (comment)
                }
            }
            button { (t!(language, chat.send)) }
        }
    }
}
