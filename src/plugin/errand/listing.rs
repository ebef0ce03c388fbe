//! `VINTED_PUBLISH`, `VINTED_UPDATE` and `VINTED_DELETE`: photos first, one after the other, then the listing with them.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use super::{Begun, Failed, Step, segment};
use crate::contract::marketplace::{Body, MarketRequest, MarketResponse};
use crate::contract::multipart::Part;

/// Members of a payload that are no fields of the listing.
const NO_FIELDS: [&str; 3] = ["shop_id", "item_id", "photos"];

/// A listing on its way to the marketplace.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// Its id, if it is there already.
    id: Option<String>,
    item: Map<String, Value>,
    /// One text for all of its requests.
    session: String,
    photos: VecDeque<String>,
    /// Photos that were sent.
    sent: usize,
    assigned: Vec<Value>,
    /// Whether the listing itself was sent.
    over: bool,
}

impl Listing {
    /// A new listing. Every member of the payload but `shop_id`, `item_id` and `photos` is a field of it; a photo is a text,
    /// which is what its file holds.
    ///
    /// # Errors
    /// Photos that are no texts.
    pub(super) fn publish(payload: &Value, request_id: &str) -> Begun<Self> {
        Self::start(None, payload, request_id)
    }

    /// The same for a listing that is there: with `item_id`.
    ///
    /// # Errors
    /// Without one, and photos that are no texts.
    pub(super) fn update(payload: &Value, request_id: &str) -> Begun<Self> {
        Self::start(Some(item_id(payload)?), payload, request_id)
    }

    fn start(id: Option<String>, payload: &Value, request_id: &str) -> Begun<Self> {
        let wrong = || Failed::payload("`photos` is no list of texts");
        let photos = match payload.get("photos") {
            None | Some(Value::Null) => VecDeque::new(),
            Some(Value::Array(photos)) => photos
                .iter()
                .map(|photo| photo.as_str().map(str::to_owned).ok_or_else(wrong))
                .collect::<Result<_, _>>()?,
            Some(_) => return Err(wrong()),
        };
        let fields = payload.as_object().into_iter().flatten();
        let item = fields.filter(|(name, _)| !NO_FIELDS.contains(&name.as_str()));
        let mut listing = Self {
            id,
            item: item.map(|(name, value)| (name.clone(), value.clone())).collect(),
            session: request_id.to_owned(),
            photos,
            sent: 0,
            assigned: Vec::new(),
            over: false,
        };
        let first = listing.next();
        Ok((listing, first))
    }

    /// Takes the answer to a photo, or to the listing itself.
    pub(super) fn answered(&mut self, response: &MarketResponse) -> Step {
        let body = response.body.value();
        if self.over {
            let item = body.get("item").filter(|item| item.get("id").is_some());
            return Step::Done(match (item, &self.id) {
                (Some(item), _) => Ok(json!({"id": item["id"], "url": item["url"], "title": item["title"]})),
                // Nobody reads what comes of an update.
                (None, Some(id)) => Ok(json!({ "id": number_or_text(id) })),
                (None, None) => Err(Failed::odd("Vinted's answer is no listing", response)),
            });
        }
        let Some(id) = body.get("id").filter(|id| id.is_u64()) else {
            return Step::Done(Err(Failed::odd("Vinted's answer is no photo", response)));
        };
        self.assigned.push(json!({"id": id, "orientation": 0}));
        Step::Ask(self.next())
    }

    /// The next photo, or the listing.
    fn next(&mut self) -> MarketRequest {
        let Some(photo) = self.photos.pop_front() else {
            return self.upload();
        };
        self.sent += 1;
        let part = |name: &str, file_name: Option<String>, content: &str| Part {
            name: name.to_owned(),
            file_name,
            content: content.as_bytes().to_vec(),
        };
        let parts = [
            part("photo[type]", None, "item"),
            part("photo[temp_uuid]", None, &self.session),
            part("photo[file]", Some(format!("photo-{}.jpg", self.sent)), &photo),
        ];
        MarketRequest::form("/api/v2/photos", &parts)
    }

    fn upload(&mut self) -> MarketRequest {
        self.over = true;
        let mut item = std::mem::take(&mut self.item);
        item.insert("id".to_owned(), self.id.as_deref().map_or(Value::Null, number_or_text));
        item.entry("currency").or_insert_with(|| "EUR".into());
        item.entry("temp_uuid").or_insert_with(|| self.session.as_str().into());
        if !self.assigned.is_empty() {
            item.insert("assigned_photos".to_owned(), std::mem::take(&mut self.assigned).into());
        }
        let body = json!({
            "item": item, "feedback_id": null, "push_up": false, "parcel": null, "upload_session_id": self.session,
        });
        match &self.id {
            None => MarketRequest::post("/api/v2/item_upload/items", body),
            Some(id) => MarketRequest::new("PUT", format!("/api/v2/item_upload/items/{id}"), Body::Json(body)),
        }
    }
}

/// A listing on its way out.
#[derive(Debug, Clone, PartialEq)]
pub struct Deletion {
    id: String,
}

impl Deletion {
    /// The deletion of the listing that `item_id` names.
    ///
    /// # Errors
    /// A payload without one.
    pub(super) fn start(payload: &Value) -> Begun<Self> {
        let id = item_id(payload)?;
        let request = MarketRequest::post(format!("/api/v2/items/{id}/delete"), json!({}));
        Ok((Self { id }, request))
    }

    /// Nobody reads what the marketplace says of it.
    pub(super) fn answered(&self) -> Step {
        Step::Done(Ok(json!({ "id": number_or_text(&self.id) })))
    }
}

fn item_id(payload: &Value) -> Result<String, Failed> {
    segment(payload, "item_id").ok_or_else(|| Failed::payload("the payload has no `item_id`"))
}

/// An id as the marketplace has it: a number, if it is one.
fn number_or_text(id: &str) -> Value {
    id.parse::<u64>().map_or_else(|_| id.into(), Value::from)
}

#[cfg(test)]
mod tests {
    use super::super::{Errand, Known};
    use super::*;
    use crate::contract::multipart;

    fn go_on(errand: &mut Errand, response: &MarketResponse) -> Step {
        errand.answered(Some(response), &mut Known::new())
    }

    fn asked(step: Step) -> MarketRequest {
        match step {
            Step::Ask(request) => request,
            Step::Done(end) => panic!("{end:?}"),
        }
    }

    fn failed(step: Step) -> String {
        match step {
            Step::Done(Err(failed)) => failed.error,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn photos_go_first_and_the_listing_goes_with_them() {
        let payload = json!({"shop_id": 5, "title": "Robe", "price": 28.9, "photos": ["one", "two"]});
        let (mut errand, first) = Errand::start("VINTED_PUBLISH", &payload, "req_1").unwrap();
        let form = multipart::parse(first.content_type().unwrap(), &first.body.bytes()).unwrap();
        let file = form.last().unwrap();
        assert_eq!((file.file_name.as_deref(), file.content.as_slice()), (Some("photo-1.jpg"), b"one".as_slice()));
        let second = asked(go_on(&mut errand, &MarketResponse::json(200, json!({"id": 31}))));
        assert_eq!(second.path, "/api/v2/photos");
        let create = asked(go_on(&mut errand, &MarketResponse::json(200, json!({"id": 32}))));
        assert_eq!((create.method.as_str(), create.path.as_str()), ("POST", "/api/v2/item_upload/items"));
        let body = create.body.value();
        assert_eq!(
            body["item"],
            json!({
                "id": null, "title": "Robe", "price": 28.9, "currency": "EUR", "temp_uuid": "req_1",
                "assigned_photos": [{"id": 31, "orientation": 0}, {"id": 32, "orientation": 0}]
            })
        );
        let item = json!({"item": {"id": 9, "url": "/items/9", "title": "Robe", "price": 1}});
        let end = go_on(&mut errand, &MarketResponse::json(200, item));
        assert_eq!(end, Step::Done(Ok(json!({"id": 9, "url": "/items/9", "title": "Robe"}))));
    }

    #[test]
    fn a_photo_that_fails_fails_the_whole_and_nothing_is_published() {
        let start = || Errand::start("VINTED_PUBLISH", &json!({"photos": ["one"]}), "req_1").unwrap().0;
        let too_large = MarketResponse::json(422, json!({}));
        assert_eq!(failed(go_on(&mut start(), &too_large)), "Vinted API error 422");
        let odd = MarketResponse::json(200, json!({"id": "none"}));
        assert_eq!(failed(go_on(&mut start(), &odd)), "Vinted's answer is no photo");
    }

    #[test]
    fn an_update_is_put_where_the_listing_is() {
        let payload = json!({"item_id": "7", "title": "Robe"});
        let (mut errand, put) = Errand::start("VINTED_UPDATE", &payload, "req_1").unwrap();
        assert_eq!((put.method.as_str(), put.path.as_str()), ("PUT", "/api/v2/item_upload/items/7"));
        assert_eq!(put.body.value()["item"]["id"], 7);
        assert_eq!(go_on(&mut errand, &MarketResponse::json(200, json!({}))), Step::Done(Ok(json!({"id": 7}))));
    }

    #[test]
    fn a_publication_without_a_listing_in_the_answer_failed() {
        let (mut errand, _) = Errand::start("VINTED_PUBLISH", &json!({"title": "Robe"}), "req_1").unwrap();
        let odd = MarketResponse::json(200, json!({"item": {}}));
        assert_eq!(failed(go_on(&mut errand, &odd)), "Vinted's answer is no listing");
    }

    #[test]
    fn a_deletion_is_one_request() {
        let (mut errand, post) = Errand::start("VINTED_DELETE", &json!({"item_id": 7}), "req_1").unwrap();
        assert_eq!((post.method.as_str(), post.target().as_str()), ("POST", "/api/v2/items/7/delete"));
        assert_eq!(go_on(&mut errand, &MarketResponse::json(200, json!({}))), Step::Done(Ok(json!({"id": 7}))));
    }
}
