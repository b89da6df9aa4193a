//! Voice notes of the form: record, listen, take out.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::actions::record_voice::{record_voice, stop_voice};
use crate::actions::show_photo::{PhotoUrl, show_local};
use crate::actions::take_out::{put_back, take_voice_out};
use crate::context::App;
use crate::state::draft::Removed;
use crate::state::form::{ReportForm, VoiceState};
use crate::state::voice::{DraftVoice, MOST_VOICES, length_words};
use crate::state::words::{t, tr};
use crate::ui::components::icon::Icon;

/// The notes so far, and the button that records.
#[component]
pub fn VoiceNotes(
    /// The app.
    app: App,
    /// The form.
    form: ReportForm,
) -> impl IntoView {
    let voices = Memo::new(move |_| form.draft.with(|draft| draft.voices.clone()));
    let numbered = move || voices.get().into_iter().zip(1_usize..).collect::<Vec<_>>();
    let has_room = move || voices.with(Vec::len) < MOST_VOICES;
    let length = move || match form.voice.get() {
        VoiceState::Recording(millis) => Some(length_words(millis)),
        _ => None,
    };
    let is_recording = Memo::new(move |_| matches!(form.voice.get(), VoiceState::Recording(_)));
    let is_busy = move || matches!(form.voice.get(), VoiceState::Asking | VoiceState::Ending).then_some("true");
    view! {
        <section class="field" aria-label=t("voice.title")>
            <ul class="voices">
                <For each=numbered key=|(voice, number)| (voice.blob, *number) let:entry>
                    <FormVoice app form voice=entry.0 number=entry.1/>
                </For>
            </ul>
            {move || if is_recording.get() {
                view! {
                    <button class="btn btn--alarm btn--wide" type="button" on:click=move |_| stop_voice(form)>
                        <Icon name="player-stop"/>{t("voice.stop")}<span class="voice-length" aria-hidden="true">{length}</span>
                    </button>
                    <p class="field-hint" role="status">{t("voice.recording")}</p>
                }.into_any()
            } else if has_room() {
                view! {
                    <button class="btn btn--quiet btn--wide" type="button" aria-busy=is_busy on:click=move |_| app.run(record_voice(app, form))>
                        <Icon name="microphone"/>{t("voice.record")}
                    </button>
                }.into_any()
            } else {
                ().into_any()
            }}
        </section>
    }
}

/// One note.
#[component]
fn FormVoice(
    /// The app.
    app: App,
    /// The form.
    form: ReportForm,
    /// The note.
    voice: DraftVoice,
    /// From 1.
    number: usize,
) -> impl IntoView {
    let url: RwSignal<Option<PhotoUrl>> = RwSignal::new(None);
    let (blob, mime) = (voice.blob, voice.mime.clone());
    spawn_local(async move {
        let found = show_local(app, blob, &mime).await;
        // Gone from the screen meanwhile: the address is given back by dropping it.
        let _ = url.try_set(found);
    });
    let n = number.to_string();
    let name = tr("voice.n", &[("n", &n), ("length", &length_words(voice.length_millis))]);
    let label = name.clone();
    let src = move || url.with(|url| url.as_ref().map(|url| url.as_str().to_owned()));
    view! {
        <li class="voice">
            <div class="row">
                <b class="grow">{name}</b>
                <button class="btn btn--icon btn--quiet" type="button" aria-label=tr("voice.remove", &[("n", &n)])
                    on:click=move |_| take_voice_out(app, form, blob)><Icon name="x"/></button>
            </div>
            {voice.was_cut.then(|| view! { <p class="field-hint">{t("voice.was_cut")}</p> })}
            <audio class="voice-player" controls=true preload="metadata" src=src aria-label=label></audio>
        </li>
    }
}

/// What was taken out last, and the way back.
#[component]
pub fn PutBack(
    /// The app.
    app: App,
    /// The form.
    form: ReportForm,
) -> impl IntoView {
    move || {
        form.removed.get().map(|removed| {
            let words = match removed {
                Removed::Photo(at, _) => tr("undo.photo", &[("n", &(at + 1).to_string())]),
                Removed::Voice(at, _) => tr("undo.voice", &[("n", &(at + 1).to_string())]),
            };
            view! {
                <section class="card card--saved hint" role="status">
                    <Icon name="arrow-back-up"/>
                    <p class="hint-text">{words}</p>
                    <button class="btn btn--s" on:click=move |_| put_back(app, form)>{t("undo.put_back")}</button>
                </section>
            }
        })
    }
}
