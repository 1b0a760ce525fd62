//! Reading everything back: what the database says at the end, to the agent and to the customer, must be what was
//! acknowledged, once.

use futures_util::{StreamExt, TryStreamExt, stream};
use hyper::Method;
use serde_json::{Value, json};

use super::{AT_ONCE, Population};
use crate::delivery_log::{Verdict, Viewer, parse};
use crate::failure::{Outcome, While};
use crate::wire::{Call, Wire};

impl Population {
    /// Compares all conversations, in both views, with what the loads sent.
    pub async fn read_back(&self) -> Outcome<Verdict> {
        let loads = self.board.all();
        let reads = (0..self.conversations.len()).map(|number| async move {
            let staff = self.staff_texts(number).await?;
            let customer = self.customer_texts(number).await?;
            Ok::<_, crate::failure::Failure>((number, staff, customer))
        });
        let all: Vec<_> = stream::iter(reads).buffered(AT_ONCE).try_collect().await?;
        let mut verdict = Verdict::default();
        for (conversation, staff, customer) in all {
            for (viewer, texts) in [(Viewer::Agent, staff), (Viewer::Customer, customer)] {
                for (load, delivery_log) in loads.iter().enumerate() {
                    let there = texts.iter().filter_map(|text| parse(text));
                    let numbers: Vec<usize> = there
                        .filter(|(of, _)| *of == load)
                        .map(|(_, number)| number)
                        .collect();
                    verdict.add(delivery_log.read_back(viewer, conversation, &numbers));
                }
            }
        }
        Ok(verdict)
    }

    /// The whole conversation as the agent reads it.
    async fn staff_texts(&self, number: usize) -> Outcome<Vec<String>> {
        let conversation = &self.conversations[number];
        let cookie = &self.accounts.agents[conversation.agent].cookie;
        let entries = entries(&self.wire, cookie, &conversation.workitem).await?;
        let texts = entries.iter().filter_map(|entry| {
            let body = &entry["body"];
            let text = body["Message"]["text"].as_str();
            text.or(body["Coaching"]["text"].as_str())
                .map(str::to_owned)
        });
        Ok(texts.collect())
    }

    /// The whole conversation as the customer reads it, with the customer's own numbers from 1 without a gap.
    async fn customer_texts(&self, number: usize) -> Outcome<Vec<String>> {
        let cookie = &self.conversations[number].customer;
        let mut all: Vec<Value> = Vec::new();
        loop {
            let after = all
                .last()
                .map_or(0, |line| line["seq"].as_i64().unwrap_or(0));
            let path = format!("/chat/{}/history?after={after}", self.channel(number));
            let call = Call::of(Method::GET, &path).with_cookie(cookie);
            let more = lines(&self.wire.call(call).await?.json().when("history")?)?;
            if more.is_empty() {
                break;
            }
            all.extend(more);
        }
        gap_free(&all)?;
        let texts = all.iter().filter_map(|line| line["body"]["text"].as_str());
        Ok(texts.map(str::to_owned).collect())
    }
}

/// All entries of a conversation, whose numbers must go from 1 without a gap, as its agent reads them.
pub async fn entries(wire: &Wire, cookie: &str, workitem: &str) -> Outcome<Vec<Value>> {
    let input = json!({ "workitem": workitem });
    let newest = wire
        .function(cookie, "workitems/conversation_load", &input)
        .await?;
    let mut pages = vec![lines(&newest["entries"])?];
    while let Some(first) = pages.last().and_then(|page| page.first()) {
        if first["seq"] == 1 {
            break;
        }
        let input = json!({ "workitem": workitem, "before": first["seq"] });
        let older = wire
            .function(cookie, "workitems/conversation_older", &input)
            .await?;
        pages.push(lines(&older)?);
    }
    let entries: Vec<Value> = pages.into_iter().rev().flatten().collect();
    gap_free(&entries)?;
    Ok(entries)
}

fn lines(value: &Value) -> Outcome<Vec<Value>> {
    Ok(value.as_array().ok_or("no lines")?.clone())
}

fn gap_free(lines: &[Value]) -> Outcome<()> {
    let numbered = lines.iter().zip(1_i64..);
    match numbered
        .filter(|(line, number)| line["seq"] != *number)
        .count()
    {
        0 => Ok(()),
        _ => Err("a conversation's numbers have a gap".into()),
    }
}
