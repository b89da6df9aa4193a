//! What people said differently: every value with who and when; one can be chosen.

use greenshield_domain::op::Entry;
use leptos::prelude::*;

use super::icon::Icon;
use crate::state::record::{ConflictValue, ConflictView};
use crate::state::words::{t, tr};

/// All disputed fields.
#[component]
pub fn Conflicts(
    /// The fields.
    conflicts: Vec<ConflictView>,
    /// Called with the change that chooses a value.
    on_choose: Callback<Entry>,
    /// Whether whoever looks may choose.
    #[prop(default = true)]
    may_choose: bool,
) -> impl IntoView {
    conflicts.into_iter().map(|conflict| view! { <Conflict conflict on_choose may_choose/> }).collect_view()
}

/// One disputed field.
#[component]
fn Conflict(
    /// The field.
    conflict: ConflictView,
    /// Called with the change that chooses a value.
    on_choose: Callback<Entry>,
    /// Whether whoever looks may choose.
    may_choose: bool,
) -> impl IntoView {
    let field = conflict.field;
    let row = move |value: ConflictValue| {
        let chosen = value.value;
        let label = format!("{}: {}", t("record.conflict_use"), value.words);
        let choice = if value.is_shown {
            view! { <span class="chip">{t("record.conflict_now")}</span> }.into_any()
        } else if !may_choose {
            ().into_any()
        } else {
            view! {
                <button class="btn btn--s" aria-label=label on:click=move |_| on_choose.run(Entry::set(field, chosen.clone()))>
                    {t("record.conflict_use")}
                </button>
            }
            .into_any()
        };
        view! {
            <li>
                <span class="conflict-value">{value.words}</span>
                <span class="conflict-who">{value.who}</span>
                {choice}
            </li>
        }
    };
    view! {
        <section class="conflict">
            <h3 class="conflict-head"><Icon name="git-merge"/>{tr("record.conflict_field", &[("field", &conflict.label)])}</h3>
            <p class="muted">{t("record.conflict_text")}</p>
            <ul class="conflict-list">{conflict.values.into_iter().map(row).collect_view()}</ul>
        </section>
    }
}
