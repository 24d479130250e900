//! The whole story on paper: every chapter with its pictures and question, the answer key on a page of its own.

use std::rc::Rc;

use web_sys::Element;
use yew::prelude::*;

use crate::state::tale::{Chapter, Kind, Tale};
use crate::ui::story;

/// See the fields.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The story.
    pub tale: Rc<Tale>,
    /// Called once it was printed.
    pub done: Callback<()>,
}

/// The sheet; it opens the browser's print dialog as soon as its pictures are there.
#[component]
pub fn Sheet(props: &Props) -> Html {
    let sheet = use_node_ref();
    {
        let (sheet, done) = (sheet.clone(), props.done.clone());
        use_effect_with((), move |()| {
            if let Some(sheet) = sheet.cast::<Element>() {
                story::print(&sheet, done);
            }
        });
    }
    let tale = &props.tale;
    html! {
        <div class="sheet" ref={sheet}>
            <h1>{ format!("CNN Lens · {}", tale.word("title")) }</h1>
            { for tale.chapters.iter().enumerate().map(|(i, c)| chapter(tale, i, c)) }
            <section class="answer-key">
                <h2>{ tale.word("key").to_owned() }</h2>
                <p>{ tale.word("key_intro").to_owned() }</p>
                <ol>{ for tale.chapters.iter().map(|c| html! { <li><strong>{ c.title.clone() }</strong>{ " " }{ c.answer.clone() }</li> }) }</ol>
            </section>
        </div>
    }
}

fn chapter(tale: &Tale, index: usize, chapter: &Chapter) -> Html {
    let options: Vec<&str> = match &chapter.question.kind {
        Kind::Range { ranges, .. } => ranges.iter().map(|r| r.text.as_str()).collect(),
        _ => Vec::new(),
    };
    html! {
        <section>
            <h2>{ format!("{}. {}", index + 1, chapter.title) }</h2>
            <div class="posters">{ for chapter.posters.iter().map(|p| html! { <img src={format!("posters/{p}")} alt="" /> }) }</div>
            { for chapter.paragraphs.iter().map(|p| html! { <p>{ p.text.clone() }</p> }) }
            <div class="asked">
                <h3>{ tale.word("question").to_owned() }</h3>
                <p>{ chapter.question.ask.clone() }</p>
                <ul>{ for options.iter().map(|o| html! { <li>{ o }</li> }) }</ul>
                <p>{ tale.word("your_answer").to_owned() }</p>
            </div>
            <p class="note">{ tale.word("teacher").to_owned() }{ ": " }{ chapter.teacher.clone() }</p>
        </section>
    }
}
