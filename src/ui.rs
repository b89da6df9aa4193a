//! The pages: which one is shown where, and the parts they share.
//!
//! Owns: routes, the frame, fields of forms. Refuses: the browser, the engine and decisions; pages read the state, call actions,
//! and show what pure view models say. Leaves take props; only pages call `use_app`.

pub mod components;
pub mod desk;
pub mod field;
pub mod locked;

use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::hooks::use_location;
use leptos_router::path;

use crate::context::{App, Stage, use_app};
use crate::state::invite::code_of_fragment;
use crate::state::message::Message;
use crate::state::words::t;
use components::icon::Icon;
use components::prove_dialog::ProveDialog;
use components::shell::{Shell, Tab};
use locked::LockedPage;

/// The whole page, once the phone is open; before, `index.html` shows the name.
pub fn root(stage: RwSignal<Stage>) -> impl IntoView {
    move || match stage.get() {
        Stage::Boot => ().into_any(),
        Stage::Locked(locked) => view! { <LockedPage locked/> }.into_any(),
        Stage::Failed(message) => view! { <CannotOpen message/> }.into_any(),
        Stage::Open(app) => view! { <Opened app/> }.into_any(),
    }
}

/// The app with an open phone.
#[component]
fn Opened(
    /// The app.
    app: App,
) -> impl IntoView {
    provide_context(app);
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
            <Route path=path!("/desk") view=in_language(desk::DeskPage)/>
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
            <Route path=path!("/desk/sms") view=in_language(desk::SmsDeskPage)/>
            <Route path=path!("/desk/tasks") view=in_language(desk::TasksDeskPage)/>
            <Route path=path!("/desk/tasks/new") view=in_language(desk::NewTaskPage)/>
            <Route path=path!("/desk/notices") view=in_language(desk::NoticesDeskPage)/>
            <Route path=path!("/desk/referrals") view=in_language(desk::ReferralsPage)/>
            <Route path=path!("/desk/referrals/new") view=in_language(desk::NewReferralPage)/>
            <Route path=path!("/desk/referrals/:record") view=in_language(desk::ReferralPage)/>
            <Route path=path!("/desk/referrals/:record/papers/:paper") view=in_language(desk::PaperPage)/>
            <Route path=path!("/tasks") view=in_language(field::TasksPage)/>
            <Route path=path!("/desk/people") view=in_language(desk::PeoplePage)/>
            <Route path=path!("/desk/people/new") view=in_language(desk::NewPersonPage)/>
            <Route path=path!("/desk/people/links") view=in_language(desk::LinksPage)/>
            <Route path=path!("/desk/people/import") view=in_language(desk::RosterPage)/>
            <Route path=path!("/desk/people/:account") view=in_language(desk::PersonPage)/>
            <Route path=path!("/desk/units") view=in_language(desk::UnitsPage)/>
            <Route path=path!("/desk/erase/:record") view=in_language(desk::ErasePage)/>
            <Route path=path!("/desk/held") view=in_language(desk::HeldPage)/>
            <Route path=path!("/desk/devices") view=in_language(desk::DevicesPage)/>
            <Route path=path!("/desk/areas") view=in_language(desk::AreasDeskPage)/>
            <Route path=path!("/desk/coverage") view=in_language(desk::CoveragePage)/>
            <Route path=path!("/desk/replay") view=in_language(desk::ReplayPage)/>
            <Route path=path!("/desk/requests") view=in_language(desk::RequestsPage)/>
            <Route path=path!("/desk/interfaces") view=in_language(desk::InterfacesPage)/>
            <Route path=path!("/desk/retention") view=in_language(desk::RetentionPage)/>
            <Route path=path!("/desk/city") view=in_language(desk::PackagePage)/>
            <Route path=path!("/desk/audit") view=in_language(desk::AuditDeskPage)/>
            <Route path=path!("/registers") view=in_language(desk::RegistersPage)/>
            <Route path=path!("/registers/figures") view=in_language(desk::FiguresPage)/>
            <Route path=path!("/registers/:kind") view=in_language(desk::RegisterListPage)/>
            <Route path=path!("/registers/:kind/new") view=in_language(desk::RegisterFormPage)/>
            <Route path=path!("/registers/:kind/rota") view=in_language(desk::RegisterRotaPage)/>
            <Route path=path!("/registers/:kind/import") view=in_language(desk::RegisterImportPage)/>
            <Route path=path!("/registers/:kind/:record/edit") view=in_language(desk::RegisterFormPage)/>
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
    move || if is_desk.get() { desk::DeskPage().into_any() } else { field::TodayPage().into_any() }
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
