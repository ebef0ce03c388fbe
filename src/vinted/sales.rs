//! Sales and what follows from them: orders, transactions, invoices, conversations. Each sale has one conversation.

use serde_json::{Value, json};

use super::bodies;
use super::calendar::{self, BEGIN, DAY};
use super::listing;
use super::market::Market;
use super::money::Money;
use super::paging::Page;
use crate::contract::marketplace::MarketRequest;

/// Entries on a page when the request names no `per_page`.
const PER_PAGE: usize = 20;

/// A sale, as the seller and the buyer see it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Deal {
    /// Of the transaction and of its conversation.
    pub(super) id: u64,
    pub(super) seller: u64,
    pub(super) buyer: u64,
    pub(super) title: String,
    pub(super) price: Money,
    pub(super) stage: Stage,
    /// Days before the calendar's beginning.
    pub(super) days_ago: u64,
}

/// How far a sale is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Completed,
    Shipped,
    Failed,
}

/// The stages in the order in which stocked sales have them.
const STAGES: [Stage; 3] = [Stage::Completed, Stage::Shipped, Stage::Failed];

impl Stage {
    /// The transaction's `status`: 400 and over is completed. The other numbers are assumed.
    const fn status(self) -> u64 {
        match self {
            Self::Completed => 450,
            Self::Shipped => 240,
            Self::Failed => 120,
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Completed => "Commande finalisée",
            Self::Shipped => "Colis expédié",
            Self::Failed => "Commande annulée",
        }
    }

    const fn user_status(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Shipped => "pending",
            Self::Failed => "failed",
        }
    }

    /// The shipment's `status`.
    const fn shipment(self) -> Option<u64> {
        match self {
            Self::Completed => Some(400),
            Self::Shipped => Some(200),
            Self::Failed => None,
        }
    }

    /// Whether the parameter `status` of `my_orders` lets it through (assumed).
    fn passes(self, filter: Option<&str>) -> bool {
        match filter {
            None | Some("" | "all") => true,
            Some("cancelled" | "canceled") => self == Self::Failed,
            Some("in_progress") => self == Self::Shipped,
            Some(name) => self.user_status() == name,
        }
    }
}

impl Deal {
    fn date(&self) -> u64 {
        BEGIN - self.days_ago.min(BEGIN / DAY) * DAY
    }

    fn item_id(&self) -> u64 {
        self.id.wrapping_add(100_000)
    }

    fn other(&self, member: u64) -> u64 {
        if member == self.seller { self.buyer } else { self.seller }
    }

    fn order(&self) -> Value {
        let mut order = bodies::shape("order");
        order["transaction_id"] = self.id.into();
        order["conversation_id"] = self.id.into();
        order["title"] = self.title.as_str().into();
        order["price"] = self.price.json();
        order["status"] = self.stage.title().into();
        order["date"] = calendar::iso(self.date()).into();
        order["photo"]["url"] = listing::photo(self.item_id(), 0)["url"].clone();
        order["transaction_user_status"] = self.stage.user_status().into();
        order
    }

    fn transaction(&self, market: &Market) -> Value {
        let (date, fee) = (calendar::iso(self.date()), self.price.fee().json());
        let mut transaction = bodies::shape("transaction");
        transaction["id"] = self.id.into();
        transaction["status"] = self.stage.status().into();
        transaction["status_title"] = self.stage.title().into();
        transaction["transaction_user_status"] = self.stage.user_status().into();
        transaction["user_msg_thread_id"] = self.id.into();
        transaction["status_updated_at"] = date.as_str().into();
        transaction["item_id"] = self.item_id().into();
        transaction["item_title"] = self.title.as_str().into();
        transaction["service_fee"] = fee.clone();
        for (side, member) in [("buyer", self.buyer), ("seller", self.seller)] {
            transaction[side]["id"] = member.into();
            transaction[side]["login"] = market.login(member).into();
        }
        transaction["offer"] = json!({"id": self.id, "price": self.price.json(), "buyer_protection_fee": fee});
        transaction["shipment"]["id"] = self.id.into();
        transaction["shipment"]["status"] = self.stage.shipment().map_or(Value::Null, Value::from);
        if self.stage == Stage::Completed {
            transaction["debit_processed_at"] = date.as_str().into();
            transaction["shipment"]["delivered_at"] = date.as_str().into();
        }
        if self.stage != Stage::Failed {
            transaction["shipment"]["shipped_at"] = date.into();
        }
        let item = &mut transaction["order"]["items"][0];
        item["id"] = self.item_id().into();
        item["title"] = self.title.as_str().into();
        item["price"] = self.price.json();
        item["photos"] = json!([listing::photo(self.item_id(), 0)]);
        transaction
    }

    fn invoice_line(&self) -> Value {
        let mut line = bodies::shape("invoice_line");
        line["id"] = self.id.into();
        line["title"] = self.title.as_str().into();
        line["amount"] = self.price.json();
        line["date"] = calendar::iso(self.date()).into();
        line["entity_id"] = self.id.into();
        line
    }

    fn in_inbox(&self, member: u64, market: &Market) -> Value {
        let mut row = bodies::shape("inbox_conversation");
        row["id"] = self.id.into();
        row["unread"] = (self.stage == Stage::Shipped).into();
        row["updated_at"] = calendar::iso(self.date()).into();
        row["opposite_user"]["id"] = self.other(member).into();
        row["opposite_user"]["login"] = market.login(self.other(member)).into();
        row["item_photos"][0]["id"] = self.item_id().into();
        row["item_photos"][0]["url"] = listing::photo(self.item_id(), 0)["url"].clone();
        row
    }

    fn conversation(&self, member: u64) -> Value {
        let mut conversation = bodies::shape("conversation");
        conversation["id"] = self.id.into();
        let side = if member == self.seller { "seller" } else { "buyer" };
        conversation["transaction"] = json!({
            "id": self.id, "item_id": self.item_id(), "item_title": self.title, "current_user_side": side,
            "buyer_id": self.buyer, "seller_id": self.seller,
        });
        for (place, message) in conversation["messages"].as_array_mut().into_iter().flatten().enumerate() {
            message["created_at_ts"] = (self.date() + place as u64).into();
            match message["entity_type"].as_str() {
                Some("status_message") => message["entity"]["title"] = self.stage.title().into(),
                Some("offer_request_message") => message["entity"]["price"] = self.price.json(),
                _ => {}
            }
            if message["entity"].get("user_id").is_some() {
                message["entity"]["user_id"] = self.buyer.into();
            }
        }
        conversation
    }
}

/// Adds sales and purchases of a member, a day apart, the newest first, each with a conversation.
pub(super) fn stock(market: &mut Market, member: u64, sold: usize, purchased: usize) {
    for number in 0..sold + purchased {
        let sells = number < sold;
        let other = member.wrapping_add(1 + number as u64 % 5);
        let (seller, buyer) = if sells { (member, other) } else { (other, member) };
        let title = format!("{} {}", if sells { "Vente" } else { "Achat" }, number + 1);
        let stage = STAGES[number % STAGES.len()];
        let price = Money(1_000 + 150 * (number as u64 % 40));
        market.sell(member, Deal { id: 0, seller, buyer, title, price, stage, days_ago: number as u64 });
    }
}

fn deals(market: &Market, member: u64) -> impl Iterator<Item = &Deal> {
    let ids = market.members.get(&member).into_iter().flat_map(|member| &member.deals);
    ids.filter_map(|id| market.deals.get(id))
}

/// A sale that is this member's affair.
fn deal_of<'a>(market: &'a Market, member: u64, id: &str) -> Option<&'a Deal> {
    let deal = market.deals.get(&id.parse().ok()?)?;
    [deal.seller, deal.buyer].contains(&member).then_some(deal)
}

/// `GET /my_orders`: `type=purchased`, or what was sold.
pub(super) fn orders(market: &Market, member: u64, request: &MarketRequest) -> Value {
    let bought = request.parameter("type") == Some("purchased");
    let filter = request.parameter("status");
    let all: Vec<&Deal> = deals(market, member)
        .filter(|deal| (if bought { deal.buyer } else { deal.seller }) == member && deal.stage.passes(filter))
        .collect();
    let page = Page::of(request, PER_PAGE);
    let rows: Vec<Value> = page.cut(all.iter()).map(|deal| deal.order()).collect();
    json!({"my_orders": rows, "pagination": page.pagination(all.len())})
}

/// `GET /transactions/{id}`.
pub(super) fn transaction(market: &Market, member: u64, id: &str) -> Option<Value> {
    deal_of(market, member, id).map(|deal| json!({"transaction": deal.transaction(market)}))
}

/// `GET /wallet/invoices/{year}/{month}`: the completed sales of that month; `None` if it is no month.
pub(super) fn invoices(
    market: &Market,
    member: u64,
    (year, month): (&str, &str),
    request: &MarketRequest,
) -> Option<Value> {
    let wanted: (u64, u64) = (year.parse().ok()?, month.parse().ok().filter(|month| (1..=12).contains(month))?);
    let all: Vec<&Deal> = deals(market, member)
        .filter(|deal| deal.seller == member && deal.stage == Stage::Completed)
        .filter(|deal| {
            let (year, month, _) = calendar::date(deal.date());
            (year, month) == wanted
        })
        .collect();
    let page = Page::of(request, PER_PAGE);
    let lines: Vec<Value> = page.cut(all.iter()).map(|deal| deal.invoice_line()).collect();
    Some(json!({"invoice_lines": lines, "invoice_lines_pagination": page.pagination(all.len())}))
}

/// `GET /inbox`.
pub(super) fn inbox(market: &Market, member: u64, request: &MarketRequest) -> Value {
    let page = Page::of(request, PER_PAGE);
    let rows: Vec<Value> = page.cut(deals(market, member)).map(|deal| deal.in_inbox(member, market)).collect();
    json!({"conversations": rows, "pagination": page.pagination(deals(market, member).count())})
}

/// `GET /conversations/{id}`.
pub(super) fn conversation(market: &Market, member: u64, id: &str) -> Option<Value> {
    deal_of(market, member, id).map(|deal| json!({"conversation": deal.conversation(member)}))
}
