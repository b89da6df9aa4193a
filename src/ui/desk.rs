//! The desk: the wide screen of the duty officer. An inbox, one report, its story.
//!
//! Owns: the frame of the page, the header and what reads the open report. The columns are in `desk/`.

pub mod answer;
pub mod areas;
pub mod audit;
pub mod bulk;
pub mod choices;
pub mod coverage;
pub mod devices;
pub mod duplicates;
pub mod erase;
pub mod filters;
pub mod held;
pub mod help;
pub mod inbox;
pub mod interfaces;
pub mod late;
pub mod line;
pub mod links;
pub mod map_pane;
pub mod nearest;
pub mod new_task;
pub mod notices;
pub mod package;
pub mod people;
pub mod person;
pub mod record;
pub mod referral;
pub mod register;
pub mod replay;
pub mod requests;
pub mod retention;
pub mod roster;
pub mod saved_filters;
pub mod signals;
pub mod sms;
pub mod story;
pub mod tasks;
pub mod units;
pub mod urgent;
pub mod whole_list;

use leptos::ev;
use leptos::prelude::*;

use crate::context::use_app;
use crate::state::inbox::keys::{Command, Focus, command};
use crate::state::lamp::{Lamp, Tone};
use crate::state::package::may_bring;
use crate::state::retention::may_ask;
use crate::state::sync::Phase;
use crate::state::words::{self, t, tr};
use crate::ui::components::icon::Icon;
use crate::ui::components::lamp_chip::LampChip;
use crate::ui::components::shell::{Shell, Tab};
pub use areas::AreasDeskPage;
pub use audit::AuditDeskPage;
pub use coverage::CoveragePage;
pub use devices::DevicesPage;
pub use erase::ErasePage;
pub use held::HeldPage;
pub use interfaces::InterfacesPage;
pub use links::LinksPage;
pub use nearest::Nearest;
pub use new_task::NewTaskPage;
pub use notices::NoticesDeskPage;
pub use package::PackagePage;
pub use people::PeoplePage;
pub use person::{NewPersonPage, PersonPage};
pub use referral::{NewReferralPage, PaperPage, ReferralPage, ReferralsPage};
pub use register::{
    FiguresPage, RegisterBody, RegisterFormPage, RegisterImportPage, RegisterListPage, RegisterRotaPage, RegistersPage,
};
pub use replay::ReplayPage;
pub use requests::RequestsPage;
pub use retention::RetentionPage;
pub use roster::RosterPage;
pub use sms::SmsDeskPage;
pub use tasks::TasksDeskPage;
pub use units::UnitsPage;

use help::HelpSheet;
use inbox::InboxColumn;
use map_pane::MapPane;
use record::RecordColumn;
use signals::{Desk, Opened};
use story::StoryColumn;
use urgent::SoundSwitch;

/// A page of the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The inbox.
    Inbox,
    /// A text message is typed in.
    Sms,
    /// Tasks.
    Tasks,
    /// A task is given or changed.
    NewTask,
    /// Notices.
    Notices,
    /// Referrals.
    Referrals,
    /// A referral is begun.
    NewReferral,
    /// One referral.
    Referral,
    /// A paper of it.
    Paper,
    /// People.
    People,
    /// Somebody is invited.
    NewPerson,
    /// Links of invitation.
    Links,
    /// People come from a file.
    Roster,
    /// One person.
    Person,
    /// Units.
    Units,
    /// Values are erased.
    Erase,
    /// What waits for a decision.
    Held,
    /// Phones.
    Devices,
    /// Areas.
    Areas,
    /// Which parts of areas nobody visited.
    Coverage,
    /// Patrols once more.
    Replay,
    /// What people ask about their own data.
    Requests,
    /// Ledgers and keys of access.
    Interfaces,
    /// How long records are kept.
    Retention,
    /// The city package.
    Package,
    /// What was done with records and people.
    Audit,
    /// Figures.
    Figures,
    /// A record of a register is made or changed.
    RegisterForm,
    /// A list of duty is filled by a rule.
    RegisterRota,
    /// Records come from a file.
    RegisterImport,
}

/// Draws a page of the desk.
pub type Draw = fn(Page) -> AnyView;

/// Draws a page: what only this leads to is the part of the desk (`src/main.rs`).
#[must_use]
pub fn draw(page: Page) -> AnyView {
    match page {
        Page::Inbox => DeskPage().into_any(),
        Page::Sms => SmsDeskPage().into_any(),
        Page::Tasks => TasksDeskPage().into_any(),
        Page::NewTask => NewTaskPage().into_any(),
        Page::Notices => NoticesDeskPage().into_any(),
        Page::Referrals => ReferralsPage().into_any(),
        Page::NewReferral => NewReferralPage().into_any(),
        Page::Referral => ReferralPage().into_any(),
        Page::Paper => PaperPage().into_any(),
        Page::People => PeoplePage().into_any(),
        Page::NewPerson => NewPersonPage().into_any(),
        Page::Links => LinksPage().into_any(),
        Page::Roster => RosterPage().into_any(),
        Page::Person => PersonPage().into_any(),
        Page::Units => UnitsPage().into_any(),
        Page::Erase => ErasePage().into_any(),
        Page::Held => HeldPage().into_any(),
        Page::Devices => DevicesPage().into_any(),
        Page::Areas => AreasDeskPage().into_any(),
        Page::Coverage => CoveragePage().into_any(),
        Page::Replay => ReplayPage().into_any(),
        Page::Requests => RequestsPage().into_any(),
        Page::Interfaces => InterfacesPage().into_any(),
        Page::Retention => RetentionPage().into_any(),
        Page::Package => PackagePage().into_any(),
        Page::Audit => AuditDeskPage().into_any(),
        Page::Figures => FiguresPage().into_any(),
        Page::RegisterForm => RegisterFormPage().into_any(),
        Page::RegisterRota => RegisterRotaPage().into_any(),
        Page::RegisterImport => RegisterImportPage().into_any(),
    }
}

/// The desk.
#[component]
pub fn DeskPage() -> impl IntoView {
    let desk = Desk::new(use_app());
    let changed = desk.app.state.changed;
    Effect::new(move |read: Option<(Option<_>, u64)>| {
        let (chosen, changed) = (desk.chosen.get(), changed.get());
        let is_same = read.is_some_and(|(before, serial)| {
            before == chosen && (serial == changed.serial || chosen.is_none_or(|record| !changed.touches(record)))
        });
        match chosen {
            Some(record) if !is_same => desk.app.run(desk.read(record)),
            Some(_) => {}
            None => desk.opened.set(Opened::Nothing),
        }
        (chosen, changed.serial)
    });
    let keys = window_event_listener(ev::keydown, move |key| {
        let has_modifier = key.ctrl_key() || key.meta_key() || key.alt_key() || key.is_composing();
        if let Some(command) = command(&key.key(), has_modifier, key.shift_key(), focus()) {
            key.prevent_default();
            obey(desk, command);
        }
    });
    on_cleanup(move || {
        keys.remove();
        desk.app.state.form_open.set(false);
    });
    let has_map = Memo::new(move |_| desk.app.state.is_wide.get() && desk.filter.with(|filter| filter.has_map));
    view! {
        <Shell title=t("desk.title") tab=Tab::Today is_bare=true end=move || view! { <Header desk/> }>
            <main class="desk" id="main" tabindex="-1" data-open=move || desk.page.with(Option::is_some).then_some("true")
                data-map=move || has_map.get().then_some("true") data-chosen=move || desk.chosen.get().is_some().then_some("true")>
                <InboxColumn desk/>
                {move || has_map.get().then(|| view! { <MapPane desk/> })}
                <div class="desk-main">
                    <RecordColumn desk/>
                    {move || desk.page.with(Option::is_some).then(|| view! { <StoryColumn desk/> })}
                </div>
            </main>
            <HelpSheet desk/>
        </Shell>
    }
}

/// Where the focus is, as far as keys care.
fn focus() -> Focus {
    let Some(element) = document().active_element() else { return Focus::List };
    let is_in = |place| element.closest(place).is_ok_and(|found| found.is_some());
    // A dialog that closed keeps the focus for a moment.
    if is_in("input, textarea, select, dialog[open]") {
        Focus::Typing
    } else if element.tag_name() == "BODY" || is_in(".desk-inbox") {
        Focus::List
    } else {
        Focus::Elsewhere
    }
}

fn obey(desk: Desk, command: Command) {
    match command {
        Command::Move(by) => desk.move_by(by),
        Command::Extend(by) => desk.extend_by(by),
        Command::Toggle => desk.toggle_line(),
        Command::Step(steps) => desk.take_first(&steps),
        Command::Show(part) => desk.show(part),
        Command::Answer => desk.focus_answer(),
        Command::Help => desk.is_help_open.set(true),
    }
}

/// The numbers of the inbox, who is on duty, and whether the server answers.
#[component]
fn Header(
    /// The desk.
    desk: Desk,
) -> impl IntoView {
    let state = desk.app.state;
    let lamp = |tone, icon, words| view! { <LampChip lamp=Lamp { tone, icon, words }/> };
    let loud = |n: usize, tone| if n > 0 { tone } else { Tone::Plain };
    let counts = move || {
        let counts = desk.counts.get();
        let words = |key, n: usize| tr(key, &[("n", &n.to_string())]);
        view! {
            {lamp(loud(counts.critical, Tone::Alarm), "flame", words("desk.count_critical", counts.critical))}
            {lamp(loud(counts.pressing, Tone::Warn), "clock", words("desk.count_due", counts.pressing))}
            {lamp(Tone::Plain, "inbox", words("desk.count_new", counts.waiting))}
        }
    };
    let connection = Memo::new(move |_| {
        state.sync.with(|sync| match sync.phase {
            Phase::Starting => (Tone::Plain, "refresh", "desk.catching_up"),
            _ if sync.is_connected() => (Tone::Sent, "cloud-check", "desk.live"),
            _ => (Tone::Warn, "cloud-off", "desk.offline"),
        })
    });
    let live = move || {
        let (tone, icon, words) = connection.get();
        lamp(tone, icon, t(words).to_owned())
    };
    let on_duty = move || {
        let name = state.viewer().map(|viewer| viewer.name).unwrap_or_default();
        tr("desk.on_duty", &[("city", words::of(&desk.app.city().info.name)), ("name", &name)])
    };
    let brings = state.viewer().is_some_and(|viewer| may_bring(&desk.app.city(), &viewer.role));
    let keeps = state.viewer().is_some_and(|viewer| may_ask(&desk.app.city(), &viewer.role));
    view! {
        <div class="chips" role="group" aria-label=t("desk.inbox")>{counts}</div>
        <span class="desk-user">{on_duty}</span>
        <span role="status">{live}</span>
        <SoundSwitch desk/>
        <a class="btn btn--s btn--quiet" href="/desk/tasks"><Icon name="flag" size="icon--s"/>{t("task.desk_title")}</a>
        <a class="btn btn--s btn--quiet" href="/desk/referrals"><Icon name="gavel" size="icon--s"/>{t("referral.title")}</a>
        <a class="btn btn--s btn--quiet" href="/desk/people"><Icon name="users" size="icon--s"/>{t("people.title")}</a>
        <details class="desk-more">
            <summary class="btn btn--s btn--quiet">{t("desk.more")}</summary>
            <nav class="desk-menu card" aria-label=t("desk.more")>
                <a class="card-link" href="/registers"><Icon name="list-details"/>{t("register.title")}</a>
                <a class="card-link" href="/registers/figures"><Icon name="sort-descending"/>{t("figures.title")}</a>
                <a class="card-link" href="/desk/held"><Icon name="clock"/>{t("held.title")}</a>
                <a class="card-link" href="/desk/notices"><Icon name="bell"/>{t("notice.title")}</a>
                <a class="card-link" href="/desk/areas"><Icon name="map-2"/>{t("areas.title")}</a>
                <a class="card-link" href="/desk/coverage"><Icon name="route"/>{t("coverage.title")}</a>
                <a class="card-link" href="/desk/replay"><Icon name="player-play"/>{t("replay.title")}</a>
                <a class="card-link" href="/desk/devices"><Icon name="device-mobile"/>{t("devices.title")}</a>
                <a class="card-link" href="/desk/sms"><Icon name="message"/>{t("sms.desk_open")}</a>
                <a class="card-link" href="/desk/requests"><Icon name="shield-check"/>{t("requests.title")}</a>
                <a class="card-link" href="/desk/interfaces"><Icon name="database"/>{t("interfaces.title")}</a>
                {keeps.then(|| view! { <a class="card-link" href="/desk/retention"><Icon name="clock"/>{t("retention.title")}</a> })}
                {brings.then(|| view! { <a class="card-link" href="/desk/city"><Icon name="settings"/>{t("package.title")}</a> })}
            </nav>
        </details>
        <button class="btn btn--s btn--quiet" aria-keyshortcuts="?" on:click=move |_| desk.is_help_open.set(true)>
            <span aria-hidden="true">"?"</span><span class="visually-hidden">{t("desk.help_open")}</span>
        </button>
    }
}
