//! The pages: which one is shown where, and the parts they share.
//!
//! Owns: routes, the frame, fields of forms. Refuses: the browser, the engine and decisions; pages read the state, call actions,
//! and show what pure view models say. Leaves take props; only pages call `use_app`.

pub mod components;
pub mod desk;
pub mod field;
pub mod locked;
pub mod part;

use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::hooks::use_location;
use leptos_router::path;

use crate::actions::keep_desk::keep_desk;
use crate::context::{App, Stage, use_app};
use crate::state::invite::code_of_fragment;
use crate::state::message::Message;
use crate::state::register::keeps;
use crate::state::words::t;
use components::icon::Icon;
use components::prove_dialog::ProveDialog;
use components::shell::{Shell, Tab};
use desk::Page;
use locked::LockedPage;
use part::{DeskPart, of_desk, use_desk};

/// The whole page, once the phone is open; before, `index.html` shows the name.
pub fn root(stage: RwSignal<Stage>, part: DeskPart) -> impl IntoView {
    move || match stage.get() {
        Stage::Boot => ().into_any(),
        Stage::Locked(locked) => view! { <LockedPage locked/> }.into_any(),
        Stage::Failed(message) => view! { <CannotOpen message/> }.into_any(),
        Stage::Open(app) => view! { <Opened app part/> }.into_any(),
    }
}

/// The app with an open phone.
#[component]
fn Opened(
    /// The app.
    app: App,
    /// The desk.
    part: DeskPart,
) -> impl IntoView {
    provide_context(app);
    provide_context(part);
    view! {
        <Router>
            <Pages/>
        </Router>
        {in_language(ProveDialog)}
    }
}

/// The page of the address; the welcome while the phone is nobody's.
#[component]
fn Pages() -> impl IntoView {
    let app = use_app();
    let hash = use_location().hash;
    // A link that is opened while the app runs only changes the fragment.
    Effect::new(move |_| {
        if let Some(code) = code_of_fragment(&hash.get()) {
            app.state.invite.set(Some(code));
        }
    });
    // Before the first page of it is wanted, so that it is there without a network.
    let part = use_desk();
    let works_there = Memo::new(move |_| {
        let role = app.state.viewer().map(|viewer| viewer.role).unwrap_or_default();
        app.state.is_of_desk() || app.city().kinds.iter().any(|kind| keeps(kind, &role))
    });
    Effect::new(move |_| {
        if works_there.get() {
            part.want();
            app.run(keep_desk());
        }
    });
    let is_enrolled = Memo::new(move |_| app.state.identity.with(Option::is_some));
    move || match (app.state.locking.get(), is_enrolled.get()) {
        (true, _) => {
            view! { <main class="boot"><p class="muted" role="status">{t("lock.locking")}</p></main> }.into_any()
        }
        (false, true) => routes().into_any(),
        (false, false) => in_language(field::EnrolPage)().into_any(),
    }
}

fn routes() -> impl IntoView {
    view! {
        <FlatRoutes fallback=in_language(NotFound)>
            <Route path=path!("/") view=in_language(HomePage)/>
            <Route path=path!("/desk") view=of_desk(Page::Inbox)/>
            <Route path=path!("/map") view=in_language(field::NearbyPage)/>
            <Route path=path!("/map/packs") view=in_language(field::PacksPage)/>
            <Route path=path!("/report") view=in_language(field::ReportPage)/>
            <Route path=path!("/patrol") view=in_language(field::PatrolPage)/>
            <Route path=path!("/saved/:record") view=in_language(field::SavedPage)/>
            <Route path=path!("/records") view=in_language(field::RecordsPage)/>
            <Route path=path!("/records/:record") view=in_language(field::RecordPage)/>
            <Route path=path!("/records/:record/edit") view=in_language(field::EditPage)/>
            <Route path=path!("/records/:record/sms") view=in_language(field::SmsPage)/>
            <Route path=path!("/sos") view=in_language(field::SosPage)/>
            <Route path=path!("/desk/sms") view=of_desk(Page::Sms)/>
            <Route path=path!("/desk/tasks") view=of_desk(Page::Tasks)/>
            <Route path=path!("/desk/tasks/new") view=of_desk(Page::NewTask)/>
            <Route path=path!("/desk/notices") view=of_desk(Page::Notices)/>
            <Route path=path!("/desk/referrals") view=of_desk(Page::Referrals)/>
            <Route path=path!("/desk/referrals/new") view=of_desk(Page::NewReferral)/>
            <Route path=path!("/desk/referrals/:record") view=of_desk(Page::Referral)/>
            <Route path=path!("/desk/referrals/:record/papers/:paper") view=of_desk(Page::Paper)/>
            <Route path=path!("/tasks") view=in_language(field::TasksPage)/>
            <Route path=path!("/desk/people") view=of_desk(Page::People)/>
            <Route path=path!("/desk/people/new") view=of_desk(Page::NewPerson)/>
            <Route path=path!("/desk/people/links") view=of_desk(Page::Links)/>
            <Route path=path!("/desk/people/import") view=of_desk(Page::Roster)/>
            <Route path=path!("/desk/people/:account") view=of_desk(Page::Person)/>
            <Route path=path!("/desk/units") view=of_desk(Page::Units)/>
            <Route path=path!("/desk/erase/:record") view=of_desk(Page::Erase)/>
            <Route path=path!("/desk/held") view=of_desk(Page::Held)/>
            <Route path=path!("/desk/devices") view=of_desk(Page::Devices)/>
            <Route path=path!("/desk/areas") view=of_desk(Page::Areas)/>
            <Route path=path!("/desk/coverage") view=of_desk(Page::Coverage)/>
            <Route path=path!("/desk/replay") view=of_desk(Page::Replay)/>
            <Route path=path!("/desk/requests") view=of_desk(Page::Requests)/>
            <Route path=path!("/desk/interfaces") view=of_desk(Page::Interfaces)/>
            <Route path=path!("/desk/retention") view=of_desk(Page::Retention)/>
            <Route path=path!("/desk/city") view=of_desk(Page::Package)/>
            <Route path=path!("/desk/audit") view=of_desk(Page::Audit)/>
            <Route path=path!("/registers") view=in_language(desk::RegistersPage)/>
            <Route path=path!("/registers/figures") view=of_desk(Page::Figures)/>
            <Route path=path!("/registers/:kind") view=in_language(desk::RegisterListPage)/>
            <Route path=path!("/registers/:kind/new") view=of_desk(Page::RegisterForm)/>
            <Route path=path!("/registers/:kind/rota") view=of_desk(Page::RegisterRota)/>
            <Route path=path!("/registers/:kind/import") view=of_desk(Page::RegisterImport)/>
            <Route path=path!("/registers/:kind/:record/edit") view=of_desk(Page::RegisterForm)/>
            <Route path=path!("/training") view=in_language(field::TrainingPage)/>
            <Route path=path!("/training/:quiz") view=in_language(field::QuizPage)/>
            <Route path=path!("/me") view=in_language(field::MePage)/>
            <Route path=path!("/me/unsent") view=in_language(field::UnsentPage)/>
            <Route path=path!("/me/rescue") view=in_language(field::RescuePage)/>
            <Route path=path!("/me/carry") view=in_language(field::CarryPage)/>
            <Route path=path!("/me/receipts") view=in_language(field::ReceiptsPage)/>
            <Route path=path!("/me/people") view=in_language(field::PeoplePage)/>
            <Route path=path!("/me/lock") view=in_language(field::LockPage)/>
            <Route path=path!("/me/data") view=in_language(field::OwnDataPage)/>
            <Route path=path!("/me/install") view=in_language(field::InstallPage)/>
            <Route path=path!("/me/news") view=in_language(field::NewsPage)/>
            <Route path=path!("/me/about") view=in_language(field::AboutPage)/>
        </FlatRoutes>
    }
}

/// A page that is built anew when the language changes, so that no text needs to be reactive.
fn in_language<V: IntoView + 'static>(page: fn() -> V) -> impl Fn() -> AnyView + Clone + Send + Sync + 'static {
    move || {
        let app = use_app();
        (move || {
            let _lang = app.state.lang.get();
            page().into_any()
        })
        .into_any()
    }
}

/// The first page: the desk for its people on a wide screen, today for everybody else.
#[component]
fn HomePage() -> impl IntoView {
    let app = use_app();
    let is_desk = Memo::new(move |_| app.state.is_desk());
    let inbox = of_desk(Page::Inbox);
    move || if is_desk.get() { inbox() } else { field::TodayPage().into_any() }
}

/// An address that leads nowhere.
#[component]
fn NotFound() -> impl IntoView {
    view! {
        <Shell title=t("error.not_found") tab=Tab::Today>
            <p>{t("error.not_found_do")}</p>
            <a class="btn" href="/">{t("action.home")}</a>
        </Shell>
    }
}

/// The phone could not be opened: what happened, that nothing is lost, what to do.
#[component]
fn CannotOpen(
    /// Why.
    message: Message,
) -> impl IntoView {
    view! {
        <main class="boot">
            <section class="card boot-part" role="alert">
                <h1><Icon name="alert-triangle"/>{message.title}</h1>
                <p>{message.advice}</p>
                <p class="strong">{t("error.safe")}</p>
                <p class="muted mono">{message.code}</p>
                <button class="btn btn--primary" on:click=|_| crate::actions::apply_update::reload()>{t("notice.reload")}</button>
            </section>
        </main>
    }
}
