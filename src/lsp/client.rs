//! The client: what it supports, its settings, and the messages to it.

use std::collections::HashMap;

use gen_lsp_types as lsp;
use lsp_server::{Message, Notification, Request, RequestId, Response};

use super::client_capabilities::Capabilities;
use super::settings::Settings;
use crate::text::mask;

/// A request of forcelint to the client, by what its response is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OwnRequest {
    /// `workspace/configuration`: the response has the settings.
    Configuration,
    /// The response is not used.
    Other,
}

/// The client at the other end.
#[derive(Default)]
pub(super) struct Client {
    pub capabilities: Capabilities,
    pub settings: Settings,
    outgoing: Vec<Message>,
    pending: HashMap<RequestId, OwnRequest>,
    /// The number of requests so far. The next id follows it.
    requests: i32,
}

impl Client {
    /// Takes the messages to send, in order.
    pub(super) fn take_outgoing(&mut self) -> Vec<Message> {
        std::mem::take(&mut self.outgoing)
    }

    /// Sends a notification.
    pub(super) fn notify<N: lsp::Notification>(&mut self, params: N::Params) {
        let message = Notification::new(N::METHOD.as_str().to_owned(), params);
        self.outgoing.push(message.into());
    }

    /// Sends a response.
    pub(super) fn respond(&mut self, response: Response) {
        self.outgoing.push(response.into());
    }

    /// Sends a request.
    pub(super) fn request<R: lsp::Request>(&mut self, params: R::Params, request: OwnRequest) {
        self.requests += 1;
        let id = RequestId::from(self.requests);
        self.pending.insert(id.clone(), request);
        let message = Request::new(id, R::METHOD.as_str().to_owned(), params);
        self.outgoing.push(message.into());
    }

    /// The request that a response is for.
    pub(super) fn take_request(&mut self, id: &RequestId) -> Option<OwnRequest> {
        self.pending.remove(id)
    }

    /// Requests the settings, if the client supports it.
    pub(super) fn request_settings(&mut self) {
        if self.capabilities.configuration {
            let section = lsp::ConfigurationItem {
                scope_uri: None,
                section: Some("forcelint".to_owned()),
            };
            let params = lsp::ConfigurationParams {
                items: vec![section],
            };
            self.request::<lsp::ConfigurationRequest>(params, OwnRequest::Configuration);
        }
    }

    /// Writes to the client's log.
    pub(super) fn log(&mut self, kind: lsp::MessageType, message: &str) {
        let message = mask(message).into_owned();
        self.notify::<lsp::LogMessageNotification>(lsp::LogMessageParams { kind, message });
    }

    /// Writes to the client's log and shows the message to the user.
    pub(super) fn show(&mut self, kind: lsp::MessageType, message: &str) {
        self.log(kind, message);
        let message = mask(message).into_owned();
        self.notify::<lsp::ShowMessageNotification>(lsp::ShowMessageParams { kind, message });
    }
}
