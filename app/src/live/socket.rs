//! The one WebSocket of the tab: opens, greets, resumes, notices silence, and comes back. It reads and writes
//! JSON texts and knows nothing of what is in them beyond Hello. Only ever run in the browser.

use std::cell::RefCell;

use gloo_timers::callback::{Interval, Timeout};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::live::{
    CLOSE_SIGNED_OUT, ClientFrame, FrameNumber, Position, SIGNED_OUT, ServerFrame, Topic,
};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{CloseEvent, MessageEvent, WebSocket};

use super::registry::{Listener, Registry};
use super::{ConnectionState, Live};
use crate::api::session_is_gone;
use crate::clock::browser_ms;
use crate::{exit, json};

/// The host says something at least every 20 seconds; after this long the connection is dead.
const SILENCE_MS: f64 = 45_000.0;
/// How often the host hears that the user writes.
const TYPING_MS: f64 = 3_000.0;
/// How often silence is checked.
const WATCH_MS: u32 = 5_000;

/// What the browser calls for one socket. Dropped with it.
struct Handlers {
    _message: Closure<dyn Fn(MessageEvent)>,
    _close: Closure<dyn Fn(CloseEvent)>,
}

#[derive(Default)]
struct Tab {
    registry: Registry,
    live: Option<Live>,
    socket: Option<(WebSocket, Handlers)>,
    /// Tells events of the present socket from those of earlier ones.
    generation: u64,
    /// Whether the present socket has said Hello.
    greeted: bool,
    /// Failed attempts since the last Hello.
    failures: u32,
    heard_ms: f64,
    /// When the host last heard that the user writes to a customer, and to whom they coach or are coached by.
    typed_ms: [f64; 2],
    /// The planned attempt; dropping it calls it off.
    retry: Option<Timeout>,
    watch: Option<Interval>,
    listeners: Vec<WindowListenerHandle>,
}

impl Tab {
    /// Whether its socket is dead. One whose network went before the host could greet would wait for ever.
    fn is_silent(&self) -> bool {
        self.socket.is_some() && is_silent(self.heard_ms, browser_ms())
    }
}

/// Whether a connection is dead on which something was last heard at `heard_ms`, or which was opened then.
pub fn is_silent(heard_ms: f64, now_ms: f64) -> bool {
    now_ms - heard_ms > SILENCE_MS
}

thread_local! {
    static TAB: RefCell<Tab> = RefCell::default();
}

fn with<T>(run: impl FnOnce(&mut Tab) -> T) -> T {
    TAB.with_borrow_mut(run)
}

/// Begins to be connected.
pub fn open(live: Live) {
    let listeners = vec![
        window_event_listener(ev::online, |_| retry_now()),
        window_event_listener(ev::offline, |_| lost(None)),
        window_event_listener_untyped("visibilitychange", |_| woken()),
        window_event_listener_untyped("pageshow", |_| woken()),
    ];
    let watch = Interval::new(WATCH_MS, || {
        if with(|tab| tab.is_silent()) {
            lost(None);
            retry_now();
        }
    });
    with(|tab| {
        tab.live = Some(live);
        tab.listeners = listeners;
        tab.watch = Some(watch);
    });
    connect();
}

/// Ends being connected: the frame is gone.
pub fn close() {
    let (socket, listeners) = with(|tab| {
        tab.generation += 1;
        tab.live = None;
        tab.retry = None;
        tab.watch = None;
        tab.greeted = false;
        (tab.socket.take(), std::mem::take(&mut tab.listeners))
    });
    discard(socket);
    listeners.into_iter().for_each(WindowListenerHandle::remove);
}

/// Closes a socket that is heard no longer, and lets its handlers go.
fn discard(socket: Option<(WebSocket, Handlers)>) {
    if let Some((socket, _handlers)) = socket {
        socket.set_onmessage(None);
        socket.set_onclose(None);
        // Fails for a code or a reason that is not allowed; there is none here.
        let _ = socket.close();
    }
}

/// A listener joins; answers its number.
pub fn follow(topic: Topic, after: Option<Position>, monitor: bool, on: Listener) -> u64 {
    let joined = with(|tab| tab.registry.join(topic, after, monitor, on.clone()));
    send(joined.send);
    if let Some(last) = joined.last {
        on(&last);
    }
    joined.id
}

/// A listener leaves.
pub fn leave(topic: &Topic, id: u64) {
    let frames = with(|tab| tab.registry.leave(topic, id));
    send(frames);
}

/// All listeners of a topic leave.
pub fn drop_topic(topic: &Topic) {
    let frame = with(|tab| tab.registry.drop_topic(topic));
    send(frame);
}

/// A log goes on from another place.
pub fn resume(topic: &Topic, after: Position) {
    let frame = with(|tab| tab.registry.move_to(topic, after));
    send(frame);
}

/// Announces every few seconds that the user writes, to those whom the sign is for.
pub fn typing(sign: ClientFrame) {
    let now = browser_ms();
    let coaching = matches!(sign, ClientFrame::CoachingTyping { .. });
    let due = with(|tab| {
        let typed = &mut tab.typed_ms[usize::from(coaching)];
        let due = now - *typed > TYPING_MS;
        if due {
            *typed = now;
        }
        due
    });
    send(due.then_some(sign));
}

/// What was written has been sent: what is written next is announced at once.
pub fn typing_over() {
    with(|tab| tab.typed_ms = Default::default());
}

/// Sends what can be sent; the rest follows from the registry once a connection is there.
fn send(frames: impl IntoIterator<Item = ClientFrame>) {
    let socket = with(|tab| {
        let socket = tab.socket.as_ref().filter(|_| tab.greeted);
        socket.map(|(socket, _)| socket.clone())
    });
    let Some(socket) = socket else {
        return;
    };
    for frame in frames {
        if let Some(text) = json::write(&frame) {
            // Fails while the socket closes; the next connection subscribes again.
            let _ = socket.send_with_str(&text);
        }
    }
}

fn set_state(state: ConnectionState) {
    if let Some(live) = with(|tab| tab.live)
        && live.state.get_untracked() != state
    {
        live.state.set(state);
    }
}

fn connect() {
    let location = window().location();
    let (Ok(protocol), Ok(host)) = (location.protocol(), location.host()) else {
        return;
    };
    let scheme = if protocol == "https:" { "wss" } else { "ws" };
    let Ok(socket) = WebSocket::new(&format!("{scheme}://{host}/live")) else {
        lost(None);
        return;
    };
    let generation = with(|tab| {
        tab.generation += 1;
        tab.greeted = false;
        tab.retry = None;
        tab.heard_ms = browser_ms();
        tab.generation
    });
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        if with(|tab| tab.generation == generation)
            && let Some(text) = event.data().as_string()
        {
            received(&text);
        }
    });
    socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    let on_close = Closure::<dyn Fn(CloseEvent)>::new(move |event: CloseEvent| {
        if with(|tab| tab.generation == generation) {
            lost(Some(&event));
        }
    });
    socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
    let handlers = Handlers {
        _message: on_message,
        _close: on_close,
    };
    let before = with(|tab| tab.socket.replace((socket, handlers)));
    discard(before);
}

fn received(text: &str) {
    with(|tab| tab.heard_ms = browser_ms());
    let Some(frame) = json::read::<ServerFrame>(text) else {
        // A frame of a later release: what it is about is seen after a reload.
        leptos::logging::warn!("a live frame was not understood");
        if let Some(number) = json::read::<FrameNumber>(text) {
            send(with(|tab| tab.registry.skip(&number)));
        }
        return;
    };
    if let ServerFrame::Hello {
        now,
        epoch,
        release,
    } = &frame
    {
        hello(*now, epoch, release);
        return;
    }
    let dispatch = with(|tab| tab.registry.dispatch(&frame));
    send(dispatch.send);
    let frame = dispatch.whole.as_ref().unwrap_or(&frame);
    for listener in dispatch.listeners {
        listener(frame);
    }
}

fn hello(now: shared::time::Timestamp, epoch: &str, release: &str) {
    let (live, frames) = with(|tab| {
        let first = !std::mem::replace(&mut tab.greeted, true);
        tab.failures = 0;
        let frames = if first {
            tab.registry.connected(epoch)
        } else {
            Vec::new()
        };
        (tab.live, frames)
    });
    if let Some(live) = live {
        live.clock.correct(now);
        let newer = !release.is_empty() && release != live.release.get_value();
        if live.newer.get_untracked() != newer {
            live.newer.set(newer);
        }
    }
    send(frames);
    set_state(ConnectionState::Live);
}

/// The connection is gone, or is given up.
fn lost(closed: Option<&CloseEvent>) {
    let (socket, was_live) = with(|tab| {
        tab.generation += 1;
        (
            tab.socket.take(),
            std::mem::replace(&mut tab.greeted, false),
        )
    });
    discard(socket);
    if let Some(closed) = closed.filter(|closed| closed.code() == CLOSE_SIGNED_OUT) {
        if closed.reason() == SIGNED_OUT {
            exit::signed_out_elsewhere();
        } else {
            exit::session_ended();
        }
        return;
    }
    if closed.is_some() && !was_live {
        // A socket that was refused looks like one that found no host: the answer to a request tells which it was.
        spawn_local(async {
            if session_is_gone().await {
                exit::session_ended();
            }
        });
    }
    let online = window().navigator().on_line();
    set_state(if was_live && online {
        ConnectionState::Connecting
    } else {
        ConnectionState::Offline
    });
    with(|tab| {
        if tab.live.is_some() {
            let delay = delay_ms(tab.failures, js_sys::Math::random());
            tab.failures += 1;
            tab.retry = Some(Timeout::new(delay, connect));
        }
    });
}

/// The network came back: no reason to wait.
fn retry_now() {
    if with(|tab| tab.live.is_some() && tab.socket.is_none()) {
        connect();
    }
}

/// The tab is in front again. Timers of a hidden tab run late, so the silence is judged here too.
fn woken() {
    if document().visibility_state() != web_sys::VisibilityState::Visible {
        return;
    }
    if with(|tab| tab.is_silent()) {
        lost(None);
    }
    retry_now();
}

/// Full jitter: anything from half a second to a ceiling that doubles with each failure, up to 30 seconds.
fn delay_ms(failures: u32, random: f64) -> u32 {
    let ceiling = 1_000_u32.saturating_mul(1 << failures.min(5)).min(30_000);
    500 + (f64::from(ceiling - 500) * random) as u32
}

#[cfg(test)]
mod tests {
    use super::delay_ms;

    #[test]
    fn attempts_spread_between_half_a_second_and_thirty() {
        assert_eq!(delay_ms(0, 0.0), 500);
        assert!(delay_ms(0, 0.999) < 1_000);
        assert!(delay_ms(3, 0.999) < 8_000);
        assert!((29_000..=30_000).contains(&delay_ms(40, 0.999)));
    }
}
