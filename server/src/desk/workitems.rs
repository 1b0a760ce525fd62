//! An agent's work: the list, the conversation, answering, handing over, closing, calling; and handing it on as a supervisor. What else a
//! supervisor does in an agent's place is in `stepping_in.rs`.

use app::backend::{ApiResult, Workitems};
use async_trait::async_trait;
use shared::error::{AppError, ConflictCause};
use shared::ids::{CommandKey, EntryId, FileId, TeamId, UserId, WorkitemId};
use shared::people::{Actor, PersonRef};
use shared::phone::PhoneNumber;
use shared::policy::{Action, WorkitemAct};
use shared::text::{MessageText, NoteText};
use shared::transcript::{Conversation, Entry, Sent};
use shared::workitem::{
    AgentRow, AgentWorkitems, CallPlaced, ChannelCounts, Dashboard, TransferOptions, TransferTo,
    Workitem,
};

use super::{Desk, to_app_error};
use crate::checked_file::CheckedFile;
use crate::commands::{
    CallRecord, DeliveryRetry, Handover, MessageAppend, MessageContent, Shown, StateChange,
    WorkitemClose, WorkitemRead, WorkitemReassign, WorkitemReopen, WorkitemTransfer,
    WorkitemWrapUp,
};
use crate::queries::{self, OpenWork};
use crate::reads::View;
use crate::store::rows::FileContent;
use crate::store::{EntryPage, StoreError};

/// How many closed workitems an agent is shown.
const CLOSED_MAX: i64 = 20;

/// How many active workitems of each channel the agents have, and how many they may have.
fn loads(dashboard: &Dashboard) -> Vec<(UserId, ChannelCounts, ChannelCounts)> {
    let load = |row: &AgentRow| {
        let most = row.capacity.or(dashboard.capacity)?;
        Some((row.id.clone(), row.active(), most))
    };
    dashboard.agents.iter().filter_map(load).collect()
}

impl Desk {
    /// Whom to, with whether they are there.
    fn handover(&self, to: TransferTo, confirmed: bool) -> Handover {
        let connected = match &to {
            TransferTo::Agent(agent) => self.presence_connected(agent),
            TransferTo::Team(_) => true,
        };
        Handover {
            to,
            connected,
            confirmed,
        }
    }

    /// An agent who is not there and was handed work has as long as anybody to come for it.
    fn handed_to(&self, target: &TransferTo) {
        if let TransferTo::Agent(agent) = target {
            self.absence_note(agent);
        }
    }

    /// The actor changes the state of a workitem now.
    pub(super) fn state_change(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
    ) -> StateChange {
        StateChange {
            workitem,
            by: actor.person(),
            entry: self.entry_id(),
            at: self.now(),
            key,
        }
    }

    async fn conversation_page(
        &self,
        viewer: &UserId,
        workitem: &WorkitemId,
        before: Option<i64>,
    ) -> ApiResult<EntryPage> {
        let mut rows = self.store().snapshot().await.map_err(to_app_error)?;
        let page = queries::conversation_page(&mut *rows, workitem, viewer, before).await;
        drop(rows);
        match page {
            Ok(page) => Ok(page),
            Err(error) => Err(self.answered(error).await),
        }
    }

    /// The same for somebody of whose reading nothing may say anything yet: a reader who neither has nor monitors it stands in the
    /// audit log before they are shown it.
    async fn conversation_page_recorded(
        &self,
        reader: &UserId,
        workitem: &WorkitemId,
        before: Option<i64>,
    ) -> ApiResult<EntryPage> {
        let page = self.conversation_page(reader, workitem, before).await?;
        self.reading_recorded(reader, Shown::Pages, &page.workitem)
            .await?;
        Ok(page)
    }

    /// See [`Workitems::worklist_load`].
    pub(crate) async fn worklist_in(
        &self,
        view: &mut View<'_>,
        actor: &Actor,
    ) -> ApiResult<AgentWorkitems> {
        self.allow(actor, Action::WorkspaceUse).await?;
        let agent = &actor.id;
        let workitems = view.agent_workitems(agent).await.map_err(to_app_error)?;
        let settings = view.settings_load(agent).await.map_err(to_app_error)?;
        let hands = view.requests_open(agent).await.map_err(to_app_error)?;
        let open = OpenWork {
            presence: settings.presence,
            workitems,
            hands,
        };
        Ok(self.worklist_seen(actor, open))
    }

    /// What is open at an agent, as they see it now.
    pub(crate) fn worklist_seen(&self, agent: &Actor, open: OpenWork) -> AgentWorkitems {
        AgentWorkitems {
            agent: agent.person(),
            presence: self.presence_seen(&agent.id, open.presence),
            // An agent who reads their own list is there.
            lost_since: None,
            workitems: open.workitems,
            hands: open.hands,
        }
    }

    /// A file of a conversation that somebody may read now, with its content. `NotFound` for everybody else.
    pub(crate) async fn file_content(
        &self,
        actor: &Actor,
        file: &FileId,
    ) -> ApiResult<FileContent> {
        let mut rows = self.store().snapshot().await.map_err(to_app_error)?;
        let found = queries::file_content(&mut *rows, file, &actor.id).await;
        drop(rows);
        let (workitem, content) = match found {
            Ok(found) => found,
            Err(error) => return Err(self.answered(error).await),
        };
        self.reading_recorded(&actor.id, Shown::File, &workitem)
            .await?;
        Ok(content)
    }

    /// A caller who may not send files is refused before one is read.
    pub(crate) async fn file_sender_admit(&self, actor: &Actor) -> ApiResult<()> {
        self.allow(actor, Action::WorkspaceUse).await
    }

    /// Answers the customer with a file, and words if there are any: as [`Workitems::message_send`], in a chat.
    pub(crate) async fn file_send(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        (text, file): (Option<MessageText>, CheckedFile),
    ) -> ApiResult<Sent> {
        let content = MessageContent::words_and_file(text, self.file_id(), file);
        self.answer_append(actor, workitem, key, content).await
    }

    async fn answer_append(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        content: MessageContent,
    ) -> ApiResult<Sent> {
        self.command_for(actor, &workitem, WorkitemAct::Handle, &key)
            .await?;
        let command = MessageAppend {
            workitem,
            agent: actor.person(),
            entry: self.entry_id(),
            at: self.now(),
            content,
            key,
        };
        self.execute(command).await
    }

    /// A conversation, as somebody may read it now whose reading is recorded.
    pub(crate) async fn conversation(
        &self,
        viewer: &UserId,
        workitem: &WorkitemId,
    ) -> ApiResult<Conversation> {
        let page = self.conversation_page(viewer, workitem, None).await?;
        Ok(self.conversation_from(page))
    }

    fn conversation_from(&self, page: EntryPage) -> Conversation {
        Conversation {
            workitem: page.workitem,
            entries: page.entries,
            older: page.older,
            rev: page.rev,
            epoch: self.store().epoch().to_owned(),
            review: page.review,
        }
    }
}

#[async_trait]
impl Workitems for Desk {
    async fn worklist_load(&self, actor: &Actor) -> ApiResult<AgentWorkitems> {
        self.worklist_in(&mut self.reads().view(), actor).await
    }

    async fn closed_list(&self, actor: &Actor) -> ApiResult<Vec<Workitem>> {
        self.allow(actor, Action::WorkspaceUse).await?;
        let mut rows = self.snapshot().await?;
        let closed = rows.workitems_closed_of(&actor.id, CLOSED_MAX).await;
        let closed = closed.map_err(to_app_error)?.into_iter();
        Ok(closed.map(|row| row.workitem).collect())
    }

    async fn conversation_load(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
    ) -> ApiResult<Conversation> {
        self.workitem_for(actor, &workitem, WorkitemAct::Read)
            .await?;
        let page = self.conversation_page_recorded(&actor.id, &workitem, None);
        Ok(self.conversation_from(page.await?))
    }

    async fn conversation_older(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        before: i64,
    ) -> ApiResult<Vec<Entry>> {
        self.workitem_for(actor, &workitem, WorkitemAct::Read)
            .await?;
        let page = self.conversation_page_recorded(&actor.id, &workitem, Some(before));
        Ok(page.await?.entries)
    }

    async fn message_send(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        text: MessageText,
    ) -> ApiResult<Sent> {
        let content = MessageContent::text(text);
        self.answer_append(actor, workitem, key, content).await
    }

    async fn delivery_retry(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        entry: EntryId,
    ) -> ApiResult<()> {
        self.command_for(actor, &workitem, WorkitemAct::Handle, &key)
            .await?;
        let command = DeliveryRetry {
            workitem,
            agent: actor.id.clone(),
            entry,
            context: self.context(actor, key),
        };
        self.execute(command).await
    }

    async fn workitem_read(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        through: i64,
    ) -> ApiResult<()> {
        self.workitem_for(actor, &workitem, WorkitemAct::Handle)
            .await?;
        let command = WorkitemRead {
            workitem,
            agent: actor.id.clone(),
            through,
            at: self.now(),
        };
        self.execute(command).await
    }

    async fn workitem_wrap_up(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
    ) -> ApiResult<()> {
        self.command_for(actor, &workitem, WorkitemAct::Handle, &key)
            .await?;
        let change = self.state_change(actor, workitem, key);
        self.execute(WorkitemWrapUp(change)).await
    }

    async fn workitem_reopen(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
    ) -> ApiResult<()> {
        self.command_for(actor, &workitem, WorkitemAct::Handle, &key)
            .await?;
        let change = self.state_change(actor, workitem, key);
        self.execute(WorkitemReopen(change)).await
    }

    async fn workitem_close(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
    ) -> ApiResult<()> {
        self.command_for(actor, &workitem, WorkitemAct::Handle, &key)
            .await?;
        let change = self.state_change(actor, workitem, key);
        self.execute(WorkitemClose(change)).await
    }

    async fn transfer_options_load(&self, actor: &Actor) -> ApiResult<TransferOptions> {
        self.allow(actor, Action::WorkspaceUse).await?;
        let mut rows = self.store().snapshot().await.map_err(to_app_error)?;
        let agents = rows.agent_list().await.map_err(to_app_error)?;
        let teams = rows.team_names_with_agents().await;
        let teams = teams.map_err(to_app_error)?;
        drop(rows);
        let agents = agents
            .into_iter()
            .filter(|(person, _)| person.id != actor.id)
            .map(|(person, chosen)| {
                let presence = self.presence_seen(&person.id, chosen);
                (person, presence)
            })
            .collect();
        let ids: Vec<TeamId> = teams.iter().map(|(team, _)| team.clone()).collect();
        let working = self.reads().dashboard(&ids).await.map_err(to_app_error)?;
        Ok(TransferOptions {
            agents,
            teams,
            loads: loads(&working),
        })
    }

    async fn workitem_transfer(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        to: TransferTo,
        confirmed: bool,
        note: Option<NoteText>,
    ) -> ApiResult<()> {
        self.command_for(actor, &workitem, WorkitemAct::Handle, &key)
            .await?;
        let target = to.clone();
        let command = WorkitemTransfer {
            change: self.state_change(actor, workitem, key),
            to: self.handover(to, confirmed),
            note: note.map(|text| (self.entry_id(), text)),
        };
        self.execute(command).await?;
        self.handed_to(&target);
        Ok(())
    }

    async fn reassign_options_load(&self, actor: &Actor) -> ApiResult<TransferOptions> {
        self.allow(actor, Action::WorkAssign).await?;
        let teams = &actor.supervises;
        let dashboard = self.reads().dashboard(teams).await.map_err(to_app_error)?;
        let loads = loads(&dashboard);
        let agents = dashboard.agents.into_iter().map(|row| {
            let presence = self.presence_seen(&row.id, row.presence);
            let person = PersonRef {
                id: row.id,
                name: row.name,
            };
            (person, presence)
        });
        Ok(TransferOptions {
            agents: agents.collect(),
            teams: Vec::new(),
            loads,
        })
    }

    async fn workitem_reassign(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        to: TransferTo,
        confirmed: bool,
    ) -> ApiResult<()> {
        self.command_for(actor, &workitem, WorkitemAct::Assign, &key)
            .await?;
        let target = to.clone();
        let command = WorkitemReassign {
            workitem,
            by: actor.person(),
            to: self.handover(to, confirmed),
            entry: self.entry_id(),
            at: self.now(),
            key,
        };
        self.execute(command).await?;
        self.handed_to(&target);
        Ok(())
    }

    async fn call_place(
        &self,
        actor: &Actor,
        key: CommandKey,
        number: PhoneNumber,
    ) -> ApiResult<CallPlaced> {
        self.allow(actor, Action::WorkspaceUse).await?;
        let command = CallRecord {
            agent: actor.person(),
            number: number.as_str().to_owned(),
            workitem: WorkitemId::parse(self.ids().next())?,
            entry: self.entry_id(),
            at: self.now(),
            key,
        };
        let written = self.store().execute(command).await;
        if matches!(written, Err(StoreError::NotFound)) {
            return Err(AppError::conflict(ConflictCause::NoTeam));
        }
        let workitem = self.complete(written).await?;
        // In a web address '#' would begin the fragment; '+' and digits are safe as they are.
        let url = self
            .config()
            .dial_pattern
            .replace("{number}", &number.as_str().replace('#', "%23"));
        Ok(CallPlaced { workitem, url })
    }
}
