// M05 to M09: the Dialpad, the Assistance button, its templates and its recipients.

import { conversation } from "../fixtures/scenes.ts";
import { expect, test } from "../fixtures/test.ts";
import type { CallPlaced, Template } from "../fixtures/wire.ts";

test("M05 the header of an agent has a Dialpad and, next to it, Assistance", async ({ amy, sam }) => {
  await amy.signIn();
  const buttons = await amy.header.root.getByRole("button").allInnerTexts();
  const dialpad = buttons.findIndex((text) => text.includes("Dialpad"));
  expect(dialpad).toBeGreaterThanOrEqual(0);
  expect(buttons[dialpad + 1]).toContain("Assistance");

  await sam.signIn();
  await expect(sam.header.directory).toBeVisible();
  await expect(sam.header.dialpad).toHaveCount(0);
  await expect(sam.header.assistance).toHaveCount(0);
});

test("M05 Call hands the number to the telephony of the device and records a phone workitem", async ({ amy }) => {
  // What the page gives to the device; the browser under test has nothing that could take it.
  const handed: string[] = [];
  await amy.page.exposeFunction("handToTelephony", (address: string) => void handed.push(address));
  await amy.page.addInitScript(() => {
    const click = HTMLElement.prototype.click;
    HTMLElement.prototype.click = function (this: HTMLElement) {
      if (this instanceof HTMLAnchorElement && this.protocol === "tel:") {
        void (window as unknown as { handToTelephony(address: string): Promise<void> }).handToTelephony(this.href);
      } else {
        click.call(this);
      }
    };
  });
  await amy.signIn();
  await amy.header.dialpad.click();
  await amy.dialpad.number.fill("+49 (30) 12");
  for (const digit of ["3", "4", "5"]) await amy.dialpad.key(digit).click();
  const answer = amy.page.waitForResponse("**/call_place");
  await amy.dialpad.callButton.click();
  const placed = (await (await answer).json()) as CallPlaced;
  expect(placed.url).toBe("tel:+493012345");
  await expect.poll(() => handed).toEqual(["tel:+493012345"]);

  await expect(amy.dialpad.dialog).toBeHidden();
  await expect(amy.page).toHaveURL(`/workspace/${placed.workitem}`);
  await expect(amy.workspace.list).toContainText("+493012345");
  const recorded = (await amy.worklist()).find((item) => item.id === placed.workitem);
  expect(recorded?.channel).toBe("phone");
});

test("M05 the number pad refuses what is no number and keeps it", async ({ amy }) => {
  await amy.signIn();
  await amy.header.dialpad.click();
  await amy.dialpad.number.fill("call me");
  await amy.dialpad.callButton.click();
  await expect(amy.dialpad.problem).toContainText("2 to 20 digits");
  await expect(amy.dialpad.number).toHaveValue("call me");
  await expect(amy.dialpad.number).toBeFocused();
});

test("M06 the Assistance button comes with the first active template and goes with the last", async ({ amy, ada }) => {
  await amy.signIn();
  await expect(amy.header.assistance).toBeVisible();
  await ada.signIn();
  const templates = await ada.ask<Template[]>("templates/template_list");
  expect(templates).toHaveLength(4);
  for (const template of templates.slice(0, 3)) await ada.templates.delete(template.title);
  await expect(amy.header.assistance).toBeVisible();
  await ada.templates.switchOff(templates[3]?.title ?? "");
  await expect(amy.header.assistance).toHaveCount(0);
  await amy.reload();
  await expect(amy.header.dialpad).toBeVisible();
  await expect(amy.header.assistance).toHaveCount(0);

  await ada.templates.create("Angry customer", "A customer is angry, please look at it with me.");
  await expect(amy.header.assistance).toBeVisible();
});

test("M07 administrators write templates and see what the agent will see", async ({ amy, ada }) => {
  await ada.signIn();
  await ada.templates.newButton.click();
  await ada.templates.fill({ title: "Refund", message: "May I refund this?" });
  await expect(ada.templates.preview).toContainText("Refund");
  await expect(ada.templates.preview).toContainText("May I refund this?");
  await ada.templates.save();
  await expect(ada.templates.rows.last()).toContainText("May I refund this?");

  await ada.templates.edit("Refund");
  await ada.templates.fill({ message: "May I refund more than 100 euros?" });
  await ada.templates.save();
  await expect(ada.templates.row("Refund")).toContainText("May I refund more than 100 euros?");

  await amy.signIn();
  await amy.header.assistance.click();
  await expect(amy.assistance.messages).toHaveCount(5);
  await expect(amy.assistance.message("Refund")).toHaveAccessibleDescription("May I refund more than 100 euros?");
});

test("M07 what is typed into a template is still there after leaving the page or a reload, until it is saved", async ({ ada }) => {
  await ada.signIn();
  const [{ title = "", text = "" } = {}] = await ada.ask<Template[]>("templates/template_list");
  const users = ada.page.getByRole("link", { name: "Users" });
  const templates = ada.page.getByRole("link", { name: "Templates" });

  await ada.templates.edit(title);
  await ada.templates.fill({ message: "Not saved yet", active: false });
  await users.click();
  await expect(ada.users.newButton).toBeVisible();
  await templates.click();
  await expect(ada.templates.message).toHaveValue("Not saved yet");
  await ada.reload();
  await expect(ada.templates.message).toHaveValue("Not saved yet");
  await expect(ada.templates.active).not.toBeChecked();
  await expect(ada.templates.editor).toContainText("It is not saved yet.");
  await expect(ada.templates.row(title)).toContainText(text);
  // Another one opens only once this one is decided.
  await ada.templates.newButton.click();
  await expect(ada.templates.title).toHaveValue(title);
  await ada.templates.cancelButton.click();
  await expect(ada.templates.editor).toBeHidden();
  await ada.reload();
  await users.click();
  await expect(ada.users.newButton).toBeVisible();
  await templates.click();
  await expect(ada.templates.row(title)).toContainText(text);
  await expect(ada.templates.editor).toBeHidden();

  await ada.templates.newButton.click();
  await expect(ada.templates.title).toHaveValue("");
  await ada.templates.fill({ title: "Refund", message: "May I refund" });
  await users.click();
  await ada.page.goBack();
  await expect(ada.templates.title).toHaveValue("Refund");
  await ada.templates.fill({ message: "May I refund this?" });
  await ada.templates.save();
  await expect(ada.templates.row("Refund")).toContainText("May I refund this?");
  await ada.reload();
  await users.click();
  await expect(ada.users.newButton).toBeVisible();
  await templates.click();
  await expect(ada.templates.row("Refund")).toBeVisible();
  await expect(ada.templates.editor).toBeHidden();
});

test("M07 the order of the templates is the order in which agents are offered them", async ({ amy, ada }) => {
  await ada.signIn();
  const titles = (await ada.ask<Template[]>("templates/template_list")).map((template) => template.title);
  const [first = "", second = ""] = titles;
  await expect(ada.templates.rows.first()).toContainText(first);
  await ada.templates.row(first).getByRole("button", { name: "Move down" }).click();
  await expect(ada.templates.rows.first()).toContainText(second);
  await expect(ada.templates.rows.nth(1)).toContainText(first);

  await amy.signIn();
  await amy.header.assistance.click();
  await expect(amy.assistance.messages.first()).toHaveAccessibleName(second);
  await ada.templates.row(first).getByRole("button", { name: "Move up" }).click();
  await expect(ada.templates.rows.first()).toContainText(first);
});

test("M07 a template that is switched off is not offered, and can be switched on again", async ({ amy, ada }) => {
  await ada.signIn();
  const [first] = await ada.ask<Template[]>("templates/template_list");
  const title = first?.title ?? "";
  await ada.templates.switchOff(title);
  await expect(ada.templates.row(title)).toBeVisible();
  await amy.signIn();
  await amy.header.assistance.click();
  await expect(amy.assistance.messages).toHaveCount(3);
  await expect(amy.assistance.message(title)).toHaveCount(0);
  await amy.page.keyboard.press("Escape");

  await ada.templates.edit(title);
  await ada.templates.fill({ active: true });
  await ada.templates.save();
  await amy.header.assistance.click();
  await expect(amy.assistance.message(title)).toBeVisible();
});

test("M07 a request keeps its text when its template is changed and deleted", async ({ amy, sam, ada }) => {
  await ada.signIn();
  await ada.templates.create("Second opinion", "Please read along for a minute.");
  await amy.signIn();
  await sam.signIn();
  await amy.raiseHand({ message: "Second opinion" });
  await expect(sam.popUpFrom("Amy Adler").region).toContainText("Please read along for a minute.");

  await ada.templates.edit("Second opinion");
  await ada.templates.fill({ message: "Something else altogether." });
  await ada.templates.save();
  await ada.templates.delete("Second opinion");

  await sam.reload();
  await expect(sam.popUpFrom("Amy Adler").region).toContainText("Please read along for a minute.");
  await sam.directory.openConversation("Amy Adler");
  const log = sam.directory.conversation("Amy Adler");
  await expect(log).toContainText("Please read along for a minute.");
  await expect(log).not.toContainText("Something else altogether.");
});

test("M08 a request to all available supervisors reaches those, and nobody else", async ({ amy, sam, sue, sid }) => {
  await amy.signIn();
  await sam.signIn();
  await sue.signIn();
  await sid.signIn();
  await sue.header.presence.selectOption({ label: "Busy" });
  await amy.header.assistance.click();
  await amy.assistance.oneSupervisor.check();
  await expect(amy.assistance.option("Sue Silva")).toContainText("Busy");
  await expect(amy.assistance.option("Sam Stone")).toContainText("Available");
  await amy.assistance.allAvailable.check();
  await amy.assistance.sendButton.click();
  await expect(sam.popUpFrom("Amy Adler").region).toBeVisible();

  // A second word to each proves that the first one would have been there by now.
  await amy.directory.write("Sue Silva", "Are you busy?");
  await expect(sue.popUpFrom("Amy Adler").region).toContainText("Are you busy?");
  await sue.directory.openConversation("Amy Adler");
  await expect(sue.directory.conversation("Amy Adler").getByRole("article")).toHaveCount(1);
  await expect(sid.header.indicator).toHaveCount(0);
  await amy.directory.write("Sid Sharp", "How are things?");
  await expect(sid.popUpFrom("Amy Adler").region).toContainText("How are things?");
  await sid.directory.openConversation("Amy Adler");
  await expect(sid.directory.conversation("Amy Adler").getByRole("article")).toHaveCount(1);
});

test("M08 a request to all signed-in supervisors reaches the busy ones too", async ({ amy, sam, sue }) => {
  await amy.signIn();
  await sam.signIn();
  await sue.signIn();
  await sue.header.presence.selectOption({ label: "Away" });
  await amy.raiseHand({ to: "signed-in" });
  await expect(sam.popUpFrom("Amy Adler").region).toBeVisible();
  await expect(sue.popUpFrom("Amy Adler").region).toBeVisible();
});

test("M08 a request to one supervisor reaches that one", async ({ amy, sam, sue }) => {
  await amy.signIn();
  await sam.signIn();
  await sue.signIn();
  await amy.raiseHand({ to: { name: "Sue Silva" } });
  await expect(sue.popUpFrom("Amy Adler").region).toBeVisible();
  await amy.directory.write("Sam Stone", "Just so that you know");
  await expect(sam.popUpFrom("Amy Adler").region).toContainText("Just so that you know");
  await sam.directory.openConversation("Amy Adler");
  await expect(sam.directory.conversation("Amy Adler").getByRole("article")).toHaveCount(1);
});

test("M08 only supervisors of the agent are offered, each with presence", async ({ amy, sam, sid }) => {
  await amy.signIn();
  await sam.signIn();
  await sid.signIn();
  await amy.header.assistance.click();
  await amy.assistance.oneSupervisor.check();
  await expect(amy.assistance.supervisor.getByRole("option")).toHaveCount(2);
  await expect(amy.assistance.option("Sam Stone")).toContainText("Available");
  await expect(amy.assistance.option("Sue Silva")).toContainText("Offline");
});

test("M08 with nobody there the picker says so, disables what reaches nobody and keeps what was chosen", async ({
  amy,
  sam,
}) => {
  await amy.signIn();
  await sam.signIn();
  await amy.header.assistance.click();
  const chosen = amy.assistance.messages.nth(2);
  await chosen.check();
  await amy.assistance.chooseRecipient({ name: "Sam Stone" });
  await sam.signOut();

  await expect(amy.assistance.dialog).toContainText("None of your supervisors is signed in right now.");
  await expect(amy.assistance.allAvailable).toBeDisabled();
  await expect(amy.assistance.allSignedIn).toBeDisabled();
  await expect(amy.assistance.oneSupervisor).toBeDisabled();
  await expect(amy.assistance.sendButton).toBeDisabled();
  await expect(chosen).toBeChecked();
  await expect(amy.assistance.oneSupervisor).toBeChecked();

  await sam.signIn();
  await expect(amy.assistance.oneSupervisor).toBeEnabled();
  await expect(chosen).toBeChecked();
  await amy.assistance.sendButton.click();
  await expect(sam.popUpFrom("Amy Adler").region).toBeVisible();
});

test("M09 a request from an open workitem leads the supervisor straight to it", async ({ amy, sam, dana }) => {
  const workitem = await conversation(amy, dana);
  await sam.signIn();
  await amy.raiseHand();
  const popUp = sam.popUpFrom("Amy Adler");
  await expect(popUp.region).toContainText(workitem.subject);
  await popUp.openWorkitem.click();
  await expect(sam.page).toHaveURL(`/coaching/${await amy.id()}/${workitem.id}`);
  await expect(sam.coaching.transcript.customer("Where is my parcel?")).toBeVisible();
});

test("M09 a request from no workitem carries none", async ({ amy, sam }) => {
  await amy.signIn();
  await sam.signIn();
  await amy.goto("/settings");
  await amy.raiseHand();
  const popUp = sam.popUpFrom("Amy Adler");
  await expect(popUp.region).toBeVisible();
  await expect(popUp.openWorkitem).toHaveCount(0);
});
