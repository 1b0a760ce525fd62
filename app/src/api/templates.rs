//! Assistance templates: `backend::Templates` over the wire.

use leptos::prelude::*;
use shared::assistance::Template;
use shared::ids::{CommandKey, TemplateId};

use super::{Api, ApiError};
#[cfg(feature = "ssr")]
use crate::backend::signed_in;
#[cfg(feature = "ssr")]
use shared::assistance::target_minutes;
#[cfg(feature = "ssr")]
use shared::text::{TemplateText, TemplateTitle};

/// All templates, in order.
#[server(protocol = Api)]
pub async fn template_list() -> Result<Vec<Template>, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.template_list(&caller.actor).await?)
}

/// Adds one at the end. The target time is in minutes; 0 and nothing are none.
#[server(protocol = Api)]
pub async fn template_create(
    key: CommandKey,
    title: String,
    message: String,
    active: bool,
    target: Option<i64>,
) -> Result<Template, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .template_create(
            &caller.actor,
            key,
            TemplateTitle::parse(&title)?,
            TemplateText::parse(&message)?,
            active,
            target_minutes(target.unwrap_or_default())?,
        )
        .await?)
}

/// Changes one. The target time is in minutes, and 0 is none; without it the stored one stays.
#[server(protocol = Api)]
pub async fn template_update(
    key: Option<CommandKey>,
    template: TemplateId,
    version: Option<i64>,
    title: String,
    message: String,
    active: bool,
    target: Option<i64>,
) -> Result<Template, ApiError> {
    let (caller, backend) = signed_in()?;
    let key = key.unwrap_or_else(|| backend.key_fresh());
    Ok(backend
        .template_update(
            &caller.actor,
            key,
            template,
            version.unwrap_or_default(),
            TemplateTitle::parse(&title)?,
            TemplateText::parse(&message)?,
            active,
            target.map(target_minutes).transpose()?,
        )
        .await?)
}

/// Moves one place up or down.
#[server(protocol = Api)]
pub async fn template_move(
    key: Option<CommandKey>,
    template: TemplateId,
    up: bool,
) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    let key = key.unwrap_or_else(|| backend.key_fresh());
    Ok(backend
        .template_move(&caller.actor, key, template, up)
        .await?)
}

/// Deletes one.
#[server(protocol = Api)]
pub async fn template_delete(
    key: Option<CommandKey>,
    template: TemplateId,
    version: Option<i64>,
) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    let key = key.unwrap_or_else(|| backend.key_fresh());
    Ok(backend
        .template_delete(&caller.actor, key, template, version)
        .await?)
}
