//! One field of a form, by its type.

use greenshield_domain::city::{FieldDef, FieldType, Source};
use greenshield_domain::merge::MergeRule;
use leptos::prelude::*;

use super::records::records_field;
use crate::context::App;
use crate::state::draft::MOST_CHARS;
use crate::state::item;
use crate::state::options::options_of;
use crate::state::register::form::{Fault, Typed};
use crate::state::words::{self, t};
use crate::ui::components::day_list::DayList;
use crate::ui::components::icon::Icon;

/// The faults of a form, by field.
pub(super) type Faults = RwSignal<Vec<(u32, Fault)>>;

/// A field with its label and what is wrong with it. What it shows at first is what is typed when it is drawn.
pub(super) fn field(app: App, def: FieldDef, typed: RwSignal<Typed>, faults: Faults) -> AnyView {
    let id = def.id;
    let html_id = format!("register-{id}");
    let label = words::of(&def.label).to_owned();
    let wrong = Memo::new(move |_| {
        faults.with(|all| all.iter().find(|(field, _)| *field == id).map(|(_, fault)| fault.words()))
    });
    let error_id = format!("{html_id}-wrong");
    let described = error_id.clone();
    let error = move || {
        wrong.get().map(|words| {
            view! { <span class="field-error" id=error_id.clone() role="alert"><Icon name="alert-triangle"/>{words}</span> }
        })
    };
    let set = move |texts: Vec<String>| {
        faults.update(|all| all.retain(|(field, _)| *field != id));
        typed.update(|typed| drop(typed.insert(id, texts)));
    };
    let first =
        typed.with_untracked(|typed| typed.get(&id).and_then(|texts| texts.first()).cloned()).unwrap_or_default();
    let mark = if def.required { t("register.needed") } else { "" };
    let invalid = move || wrong.with(Option::is_some).then_some("true");
    let described_by = move || wrong.with(Option::is_some).then(|| described.clone());
    let takes_several = def.ty == FieldType::Options || def.rule == MergeRule::Set;
    if takes_several && def.ty == FieldType::Time {
        let days = Signal::derive(move || typed.with(|typed| typed.get(&id).cloned().unwrap_or_default()));
        let on_change = Callback::new(set);
        return view! { <div class="field"><DayList app label id=html_id days on_change/>{error}</div> }.into_any();
    }
    if let Some(Source::Records(kind)) = &def.source {
        // A page that was just opened does not know them yet.
        let kind = app.city().kind_named(kind).map(|kind| kind.id);
        let all = Memo::new(move |_| records(app, kind));
        if def.ty == FieldType::Records {
            return records_field(id, label, all, typed, set);
        }
        let options = move || {
            let chosen = typed.with_untracked(|typed| typed.get(&id).and_then(|texts| texts.first()).cloned());
            let option = |(value, words): (String, String)| {
                let is_selected = chosen.as_ref() == Some(&value);
                view! { <option value=value selected=is_selected>{words}</option> }
            };
            all.get().into_iter().map(option).collect_view()
        };
        return view! {
            <div class="field"><label class="field-label" for=html_id.clone()>{label}{mark}</label>
                <select class="input" id=html_id aria-invalid=invalid aria-describedby=described_by
                    on:change=move |event| set(vec![event_target_value(&event)])>
                    <option value="">{t("register.nothing")}</option>{options}
                </select>{error}
            </div>
        }
        .into_any();
    }
    let options = match (&def.source, def.ty) {
        (None, FieldType::Bool) => {
            vec![("1".to_owned(), t("answer.yes").to_owned()), ("0".to_owned(), t("answer.no").to_owned())]
        }
        _ => options_of(&app.city(), &def),
    };
    if takes_several {
        let option = move |(value, words): (String, String)| {
            let own = value.clone();
            let pressed = move || typed.with(|typed| typed.get(&id).is_some_and(|all| all.contains(&own))).to_string();
            let toggle = move |_| {
                let mut chosen = typed.with_untracked(|typed| typed.get(&id).cloned()).unwrap_or_default();
                match chosen.iter().position(|known| *known == value) {
                    Some(at) => drop(chosen.remove(at)),
                    None => chosen.push(value.clone()),
                }
                set(chosen);
            };
            view! { <button class="option" type="button" aria-pressed=pressed on:click=toggle>{words}</button> }
        };
        return view! {
            <fieldset class="field"><legend class="field-label">{label}{mark}</legend>
                <div class="options">{options.into_iter().map(option).collect_view()}</div>{error}
            </fieldset>
        }
        .into_any();
    }
    let input = match def.ty {
        _ if !options.is_empty() || matches!(def.ty, FieldType::Option | FieldType::Record) => {
            let option = options.into_iter().map(|(value, words)| {
                let is_selected = value == first;
                view! { <option value=value selected=is_selected>{words}</option> }
            });
            view! {
                <select class="input" id=html_id.clone() aria-invalid=invalid aria-describedby=described_by
                    on:change=move |event| set(vec![event_target_value(&event)])>
                    <option value="">{t("register.nothing")}</option>{option.collect_view()}
                </select>
            }
            .into_any()
        }
        FieldType::Text if def.long => view! {
            <textarea class="textarea" id=html_id.clone() maxlength=MOST_CHARS.to_string() prop:value=first
                aria-invalid=invalid aria-describedby=described_by
                on:input=move |event| set(vec![event_target_value(&event)])></textarea>
        }
        .into_any(),
        _ => {
            let (kind, mode) = match def.ty {
                FieldType::Time => ("date", "none"),
                FieldType::Number => ("text", "decimal"),
                _ => ("text", "text"),
            };
            view! {
                <input class="input" id=html_id.clone() type=kind inputmode=(mode != "none").then_some(mode) maxlength="200" autocomplete="off"
                    prop:value=first aria-invalid=invalid aria-describedby=described_by
                    aria-required=def.required.then_some("true")
                    on:input=move |event| set(vec![event_target_value(&event)])/>
            }
            .into_any()
        }
    };
    let hint =
        (def.ty == FieldType::Place).then(|| view! { <span class="field-hint">{t("register.place_hint")}</span> });
    view! {
        <div class="field"><label class="field-label" for=html_id>{label}{mark}</label>{input}{hint}{error}</div>
    }
    .into_any()
}

/// Records of a kind to choose from.
fn records(app: App, kind: Option<u32>) -> Vec<(String, String)> {
    let city = app.city();
    app.state.duties.with(|rows| {
        let own = rows.iter().filter(|row| Some(row.kind) == kind);
        own.map(|row| (row.record.to_hex(), item::title(row, &city))).collect()
    })
}
