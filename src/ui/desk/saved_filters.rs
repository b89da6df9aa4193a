//! Filters kept under a name: a link each, with another name or away by a tap, and back again by the next one.

use leptos::html;
use leptos::prelude::*;

use super::signals::Desk;
use crate::actions::keep_filters::{keep_filters, kept_filters};
use crate::state::inbox::filter::InboxFilter;
use crate::state::inbox::saved::{SavedFilter, SavedFilters};
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;

/// What the list shares.
#[derive(Clone, Copy)]
struct Saved {
    desk: Desk,
    all: RwSignal<SavedFilters>,
    /// Whether what is kept was read: before that nothing is written over it.
    is_known: RwSignal<bool>,
    /// The one that gets another name.
    renames: RwSignal<Option<String>>,
    /// The one that was taken out last.
    removed: RwSignal<Option<(usize, SavedFilter)>>,
    problem: RwSignal<Option<String>>,
}

impl Saved {
    /// Changes the list and keeps it, and only then says so; what can not be kept is not shown as if it were.
    fn change(self, said: Option<String>, change: impl FnOnce(&mut SavedFilters)) {
        let before = self.all.get_untracked();
        self.all.update(change);
        let (now, app) = (self.all.get_untracked(), self.desk.app);
        self.problem.set(None);
        app.run(async move {
            match keep_filters(app, &now).await {
                Ok(()) => said.into_iter().for_each(|words| app.state.say(words)),
                Err(message) => {
                    let _left = self.all.try_set(before);
                    let _left = self.problem.try_set(Some(message.title));
                }
            }
        });
    }
}

/// The kept filters, and the form that keeps the one that is shown.
#[component]
pub fn SavedList(
    /// The desk.
    desk: Desk,
) -> impl IntoView {
    let saved = Saved {
        desk,
        all: RwSignal::new(SavedFilters::default()),
        is_known: RwSignal::new(false),
        renames: RwSignal::new(None),
        removed: RwSignal::new(None),
        problem: RwSignal::new(None),
    };
    desk.app.run(async move {
        match kept_filters(desk.app).await {
            Ok(kept) => {
                let _left = saved.all.try_set(kept);
                let _left = saved.is_known.try_set(true);
            }
            Err(message) => {
                let _left = saved.problem.try_set(Some(message.title));
            }
        }
    });
    let lines = move || {
        let renames = saved.renames.get();
        let all = saved.all.get();
        let line = |one: &SavedFilter| {
            let (name, filter) = (one.name.clone(), one.filter());
            if renames.as_ref() == Some(&name) {
                view! { <li><Rename saved name/></li> }.into_any()
            } else {
                view! { <li class="row"><Line saved name filter/></li> }.into_any()
            }
        };
        all.all().iter().map(line).collect_view()
    };
    let removed = move || {
        saved.removed.get().map(|(place, one)| {
            let words = tr("filter.removed", &[("name", &one.name)]);
            let back = move |_| {
                let one = one.clone();
                saved.removed.set(None);
                saved.change(None, move |all| all.put_back((place, one)));
            };
            view! {
                <p class="row" role="status"><span class="grow">{words}</span>
                    <button class="btn btn--s" on:click=back><Icon name="arrow-back-up" size="icon--s"/>{t("filter.put_back")}</button></p>
            }
        })
    };
    let problem = move || {
        saved
            .problem
            .get()
            .map(|words| view! { <span class="field-error" role="alert"><Icon name="alert-triangle"/>{words}</span> })
    };
    let is_any = Memo::new(move |_| saved.all.with(|all| !all.all().is_empty()));
    view! {
        {move || is_any.get().then(|| view! {
            <h3 id="desk-saved">{t("filter.saved")}</h3>
            <ul class="card-list" aria-labelledby="desk-saved">{lines}</ul>
        })}
        {removed}
        {problem}
        {move || saved.is_known.get().then(|| view! { <Keep saved/> })}
    }
}

/// One of them.
#[component]
fn Line(
    /// The list.
    saved: Saved,
    /// Its name.
    name: String,
    /// What it shows.
    filter: InboxFilter,
) -> impl IntoView {
    let desk = saved.desk;
    let own = filter.clone();
    let current = move || desk.filter.with(|shown| shown.finds_as(&own)).then_some("true");
    // A map that is open stays open.
    let href = move || {
        let has_map = filter.has_map || desk.filter.with(|shown| shown.has_map);
        desk.address(&InboxFilter { has_map, ..filter.clone() }, desk.chosen.get())
    };
    let (rename, remove) = (name.clone(), name.clone());
    let labels = [tr("filter.rename_of", &[("name", &name)]), tr("filter.remove_of", &[("name", &name)])];
    let [rename_label, remove_label] = labels;
    let remove = move |_| {
        let name = remove.clone();
        saved.change(None, move |all| saved.removed.set(all.remove(&name)));
    };
    view! {
        <a class="card-link grow" href=href aria-current=current><Icon name="filter"/><b class="grow">{name}</b></a>
        <button class="btn btn--icon btn--plain" aria-label=rename_label on:click=move |_| saved.renames.set(Some(rename.clone()))><Icon name="edit"/></button>
        <button class="btn btn--icon btn--plain" aria-label=remove_label on:click=remove><Icon name="trash"/></button>
    }
}

/// Another name for one of them.
#[component]
fn Rename(
    /// The list.
    saved: Saved,
    /// Its name until now.
    name: String,
) -> impl IntoView {
    let typed = RwSignal::new(name.clone());
    let field = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            // What can not take the focus is reached by Tab.
            let _ = field.focus();
        }
    });
    let old = name.clone();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (old, new) = (old.clone(), typed.get_untracked());
        if saved.all.with_untracked(|all| all.clone().rename(&old, &new)) {
            saved.renames.set(None);
            saved.change(None, move |all| {
                all.rename(&old, &new);
            });
        } else {
            saved.problem.set(Some(t("filter.name_taken").to_owned()));
        }
    };
    view! {
        <form class="row" on:submit=submit>
            <input class="input grow" aria-label=tr("filter.rename_of", &[("name", &name)]) maxlength="40" node_ref=field prop:value=name
                on:input=move |event| typed.set(event_target_value(&event))/>
            <button class="btn btn--s btn--primary">{t("action.save")}</button>
            <button type="button" class="btn btn--s btn--plain" on:click=move |_| saved.renames.set(None)>{t("action.cancel")}</button>
        </form>
    }
}

/// Keeps the filter that is shown.
#[component]
fn Keep(
    /// The list.
    saved: Saved,
) -> impl IntoView {
    let name = RwSignal::new(String::new());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (typed, filter) = (name.get_untracked(), saved.desk.filter.get_untracked());
        let mut after = saved.all.get_untracked();
        if after.keep(&typed, &filter) {
            name.set(String::new());
            saved.removed.set(None);
            saved.change(Some(tr("filter.kept", &[("name", typed.trim())])), move |all| *all = after);
        } else {
            let key = if after.has_room() { "filter.name_missing" } else { "filter.full" };
            saved.problem.set(Some(t(key).to_owned()));
        }
    };
    view! {
        <form class="row" on:submit=submit>
            <input class="input grow" aria-label=t("filter.name") placeholder=t("filter.name") maxlength="40" autocomplete="off"
                prop:value=move || name.get() on:input=move |event| name.set(event_target_value(&event))/>
            <button class="btn btn--s">{t("filter.keep")}</button>
        </form>
    }
}
