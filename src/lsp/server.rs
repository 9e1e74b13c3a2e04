//! `forcelint lsp`: what `check` finds, while somebody types.
//!
//! In: messages of the language server protocol, as bytes. Out: the same. One thread reads, one
//! writes, and all that is between them happens on the one that called [`serve`]: a file is judged
//! in less time than it takes to hand it to another thread, so nothing here waits for anything but
//! the next message.
//!
//! The texts that are open lie over the files on disk ([`crate::project::Overlay`]), and everything
//! behind that is what the command line runs.

use super::{transport, whole_project};

use std::collections::VecDeque;
use std::io::{self, BufReader, Read, Write};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;

use gen_lsp_types as lsp;
use jiff::Timestamp;
use lsp_server::{Message, RequestId};
use serde_json::Value;

use super::day;
use super::session::{Phase, Session, guarded};
use super::transport::Incoming;
use super::whole_project::{Checked, Order};

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The client shut the server down and said goodbye.
    Orderly,
    /// It did only one of the two, or is gone.
    Abrupt,
}

/// What happens to a session.
enum Event {
    Came(Incoming),
    /// The files that are not open have been judged.
    Checked(Result<Checked, String>),
    /// Nothing will come any more; why, if that is not the end of the stream.
    Closed(Option<String>),
}

/// What is written.
enum Outgoing {
    Message(Box<Message>),
    Garbled(String),
}

/// Serves one client, until it says goodbye or is gone.
///
/// It can be fed any bytes: what is no message is answered as the protocol asks, and nothing that
/// comes in makes it panic. `now` is the clock: exceptions expire at midnight UTC, without any
/// message.
pub fn serve(
    input: impl Read + Send + 'static,
    output: impl Write + Send + 'static,
    now: impl Fn() -> Timestamp,
) -> Ending {
    let (events, incoming) = mpsc::channel();
    let (outgoing, written) = mpsc::channel();
    let reader = events.clone();
    let start_check = move |order: Order| {
        let events = events.clone();
        thread::spawn(move || {
            let checked = guarded(|| whole_project::check(&order));
            // Where nobody takes it the session is over.
            let _ = events.send(Event::Checked(checked));
        });
    };
    // It ends with the stream, or the process.
    thread::spawn(move || read_all(input, &reader));
    let writer = thread::spawn(move || write_all(output, &written));
    let session = Session::new(day::of(now()), Box::new(start_check));
    let ending = run(session, &incoming, &outgoing, &now);
    drop(outgoing);
    // A panic in it has been printed; there is nobody left to tell.
    let _ = writer.join();
    ending
}

fn read_all(input: impl Read, events: &Sender<Event>) {
    let mut stream = BufReader::new(input);
    loop {
        let event = match transport::read(&mut stream) {
            Ok(Some(incoming)) => Event::Came(incoming),
            Ok(None) => Event::Closed(None),
            Err(error) => Event::Closed(Some(error.to_string())),
        };
        let is_last = matches!(event, Event::Closed(_));
        // Where nobody takes it the session is over.
        if events.send(event).is_err() || is_last {
            return;
        }
    }
}

fn write_all(mut output: impl Write, written: &Receiver<Outgoing>) -> io::Result<()> {
    for outgoing in written {
        match outgoing {
            Outgoing::Message(message) => transport::write(&mut output, &message)?,
            Outgoing::Garbled(reason) => transport::write_garbled(&mut output, &reason)?,
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
        // One look at the clock per round: a midnight between two would be missed.
        let time = now();
        session.note_day(day::of(time));
        queue.extend(incoming.try_iter());
        cancel(&mut session, &mut queue);
        match queue.pop_front() {
            Some(Event::Came(Incoming::Message(message))) => take(&mut session, message),
            Some(Event::Came(Incoming::Garbled(reason))) => {
                let _ = outgoing.send(Outgoing::Garbled(reason));
            }
            Some(Event::Checked(checked)) => session.checked(checked),
            Some(Event::Closed(reason)) => {
                if let Some(reason) = reason {
                    let message = format!("what came in cannot be read: {reason}");
                    session.client.log(lsp::MessageType::Error, &message);
                    send(&mut session, outgoing);
                }
                return Ending::Abrupt;
            }
            None => {
                session.settle();
                send(&mut session, outgoing);
                match incoming.recv_timeout(day::until_next(time)) {
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
        if session.phase == Phase::Over {
            return match session.is_orderly {
                true => Ending::Orderly,
                false => Ending::Abrupt,
            };
        }
    }
}

fn take(session: &mut Session, message: Message) {
    match message {
        Message::Request(request) => session.request(request),
        Message::Notification(notification) => session.notification(notification),
        Message::Response(response) => session.response(response),
    }
}

/// Hands over what is to be sent. Tells whether somebody takes it.
fn send(session: &mut Session, outgoing: &Sender<Outgoing>) -> bool {
    let messages = session.client.take_outgoing().into_iter();
    let mut sent = messages.map(|message| outgoing.send(Outgoing::Message(Box::new(message))));
    sent.all(|sent| sent.is_ok())
}

/// Takes requests out of the queue that the client cancels further behind. Without its beginning or
/// its end a session would be none, so these are done all the same.
fn cancel(session: &mut Session, queue: &mut VecDeque<Event>) {
    let mut gone: Vec<RequestId> = Vec::new();
    for event in queue.iter() {
        if let Event::Came(Incoming::Message(Message::Notification(notification))) = event
            && notification.method == "$/cancelRequest"
        {
            gone.extend(request_id(&notification.params["id"]));
        }
    }
    if gone.is_empty() {
        return;
    }
    for id in &gone {
        session.cancel_check(id);
    }
    queue.retain(|event| match event {
        Event::Came(Incoming::Message(Message::Request(request)))
            if gone.contains(&request.id)
                && !matches!(request.method.as_str(), "initialize" | "shutdown") =>
        {
            session.cancelled(request.id.clone());
            false
        }
        Event::Came(Incoming::Message(Message::Notification(notification))) => {
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
