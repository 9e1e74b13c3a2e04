//! The server's threads and its queue of messages.
//!
//! One thread reads and one writes. Everything else happens on the thread that called [`serve`], because
//! checking a file takes less time than handing it to another thread. Only the check of files that are
//! not open has its own thread.

use std::collections::VecDeque;
use std::io::{self, BufReader, Read, Write};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;

use gen_lsp_types as lsp;
use jiff::Timestamp;
use lsp_server::{Message, RequestId};
use serde_json::Value;

use super::clock::{day_of, until_next_day};
use super::reconcile::{reconcile, reconcile_new};
use super::session::{Phase, Session, guarded};
use super::transport::Incoming;
use super::workspace_check::{CheckOrder, CheckedWorkspace};
use super::workspace_results::{cancel_check, finish_check};
use super::{dispatch, transport, workspace_check};

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The client sent `shutdown` and `exit`.
    Orderly,
    /// The client sent only one of the two, or the connection ended.
    Abrupt,
}

/// What a session reacts to.
enum Event {
    Received(Incoming),
    /// The check of the workspace is done, or panicked.
    Checked(Result<CheckedWorkspace, String>),
    /// The input ended; with an error if that was not the end of the stream.
    Closed(Option<String>),
}

/// What is written to the client.
enum Outgoing {
    Message(Box<Message>),
    ParseError(String),
}

/// Serves one client until it exits or the connection ends.
///
/// Any bytes are accepted: an invalid message gets an error response, and no input causes a panic. `now`
/// is the clock: exceptions expire at midnight UTC, without any message.
pub fn serve(
    input: impl Read + Send + 'static,
    output: impl Write + Send + 'static,
    now: impl Fn() -> Timestamp,
) -> Ending {
    let (events, incoming) = mpsc::channel();
    let (outgoing, written) = mpsc::channel();
    let reader = events.clone();
    let start_check = move |order: CheckOrder| {
        let events = events.clone();
        thread::spawn(move || {
            let checked = guarded(|| workspace_check::check(&order));
            // It fails only after the session has ended.
            let _ = events.send(Event::Checked(checked));
        });
    };
    // This thread ends with the input or the process.
    thread::spawn(move || read_all(input, &reader));
    let writer = thread::spawn(move || write_all(output, &written));
    let session = Session::new(day_of(now()), Box::new(start_check));
    let ending = run(session, &incoming, &outgoing, &now);
    drop(outgoing);
    // The panic hook has already printed a panic in it.
    let _ = writer.join();
    ending
}

fn read_all(input: impl Read, events: &Sender<Event>) {
    let mut stream = BufReader::new(input);
    loop {
        let event = match transport::read(&mut stream) {
            Ok(Some(incoming)) => Event::Received(incoming),
            Ok(None) => Event::Closed(None),
            Err(error) => Event::Closed(Some(error.to_string())),
        };
        let is_last = matches!(event, Event::Closed(_));
        // Sending fails only after the session has ended.
        if events.send(event).is_err() || is_last {
            return;
        }
    }
}

fn write_all(mut output: impl Write, written: &Receiver<Outgoing>) -> io::Result<()> {
    for outgoing in written {
        match outgoing {
            Outgoing::Message(message) => transport::write(&mut output, &message)?,
            Outgoing::ParseError(reason) => transport::write_parse_error(&mut output, &reason)?,
        }
    }
    Ok(())
}

fn run(
    mut session: Session,
    incoming: &Receiver<Event>,
    outgoing: &Sender<Outgoing>,
    now: &impl Fn() -> Timestamp,
) -> Ending {
    let mut queue: VecDeque<Event> = VecDeque::new();
    loop {
        // The clock is read once per round, so that no midnight is missed.
        let time = now();
        session.set_day(day_of(time));
        queue.extend(incoming.try_iter());
        cancel(&mut session, &mut queue);
        match queue.pop_front() {
            Some(Event::Received(Incoming::Message(message))) => handle(&mut session, message),
            Some(Event::Received(Incoming::Invalid(reason))) => {
                let _ = outgoing.send(Outgoing::ParseError(reason));
            }
            Some(Event::Checked(checked)) => finish_check(&mut session, checked),
            Some(Event::Closed(reason)) => {
                if let Some(reason) = reason {
                    let message = format!("Unreadable input: {reason}");
                    session.client.log(lsp::MessageType::Error, &message);
                    send(&mut session, outgoing);
                }
                return Ending::Abrupt;
            }
            None => {
                reconcile_new(&mut session);
                send(&mut session, outgoing);
                reconcile(&mut session);
                send(&mut session, outgoing);
                match incoming.recv_timeout(until_next_day(time)) {
                    Ok(event) => queue.push_back(event),
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return Ending::Abrupt,
                }
                continue;
            }
        }
        if !send(&mut session, outgoing) {
            return Ending::Abrupt;
        }
        if session.phase == Phase::Exited {
            return match session.is_orderly {
                true => Ending::Orderly,
                false => Ending::Abrupt,
            };
        }
    }
}

fn handle(session: &mut Session, message: Message) {
    match message {
        Message::Request(request) => dispatch::request(session, request),
        Message::Notification(notification) => dispatch::notification(session, notification),
        Message::Response(response) => dispatch::response(session, response),
    }
}

/// Hands the outgoing messages to the writer. Returns whether it still accepts them.
fn send(session: &mut Session, outgoing: &Sender<Outgoing>) -> bool {
    let messages = session.client.take_outgoing().into_iter();
    let mut sent = messages.map(|message| outgoing.send(Outgoing::Message(Box::new(message))));
    sent.all(|sent| sent.is_ok())
}

/// Removes requests from the queue that a later message cancels. `initialize` and `shutdown` cannot be
/// cancelled.
fn cancel(session: &mut Session, queue: &mut VecDeque<Event>) {
    let mut ids: Vec<RequestId> = Vec::new();
    for event in queue.iter() {
        if let Event::Received(Incoming::Message(Message::Notification(notification))) = event
            && notification.method == "$/cancelRequest"
        {
            ids.extend(request_id(&notification.params["id"]));
        }
    }
    if ids.is_empty() {
        return;
    }
    for id in &ids {
        if cancel_check(session, id) {
            dispatch::cancelled(session, id.clone());
        }
    }
    queue.retain(|event| match event {
        Event::Received(Incoming::Message(Message::Request(request)))
            if ids.contains(&request.id)
                && !matches!(request.method.as_str(), "initialize" | "shutdown") =>
        {
            dispatch::cancelled(session, request.id.clone());
            false
        }
        Event::Received(Incoming::Message(Message::Notification(notification))) => {
            notification.method != "$/cancelRequest"
        }
        _ => true,
    });
}

fn request_id(id: &Value) -> Option<RequestId> {
    match id {
        Value::String(text) => Some(RequestId::from(text.clone())),
        id => i32::try_from(id.as_i64()?).ok().map(RequestId::from),
    }
}
