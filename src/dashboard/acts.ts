/**
 * What a person may do from the page, with an answer for each. None of them rejects.
 *
 * What was done is told at the edge of the page. Why something was not is answered to whoever has a
 * dialog open: a toast behind it can neither be read by ear nor closed.
 */
import type { OutcomeView } from "../api/contract.ts";
import { ApiFault, type Asking, askApi } from "./api-client.ts";
import { banningAgain } from "./banning-again.ts";
import { type KnownBan, leftSeconds } from "./countdown.ts";
import { formatSpan } from "./format.ts";
import { live } from "./live.ts";
import { tell } from "./parts/toasts.tsx";
import { printable } from "./printable.ts";
import { closeSession } from "./session.ts";

/** Whoever takes that back is asked for how long: the new ban is his own, and not the one that ended. */
export async function unban(ban: KnownBan): Promise<void> {
  const { address } = ban;
  const ended = { ...ban, leftSeconds: leftSeconds(ban, Date.now()) };
  if (!(await actOrTell("/v1/bans", { method: "DELETE", query: { address } }))) return;
  const undo = { name: "Ban again …", act: () => banningAgain.set(ended) };
  tell({ kind: "done", text: `${printable(address)} is let in again.`, undo });
}

/** @param forSeconds null: for good. @returns why it was not done; undefined: it was. */
export async function ban(
  address: string,
  forSeconds: number | null,
  reason: string,
): Promise<string | undefined> {
  const seconds = forSeconds === null ? {} : { for_seconds: Math.max(1, Math.round(forSeconds)) };
  const refusal = await act("/v1/bans", {
    method: "POST",
    body: { address, ...seconds, ...(reason !== "" && { reason }) },
  });
  if (refusal !== undefined) return refusal;
  const span = forSeconds === null ? "for good" : `for ${formatSpan(forSeconds)}`;
  tell({ kind: "done", text: `${printable(address)} is banned by you ${span}.` });
  return undefined;
}

export async function endSession(): Promise<void> {
  const refusal = await closeSession();
  if (refusal !== undefined) tellRefusal(`The session has not ended: ${printable(refusal)}`);
}

/** Keeps what was started or applied on trial. */
export async function confirm(): Promise<void> {
  if (await actOrTell("/v1/confirm", { method: "POST" }))
    tell({ kind: "done", text: "It is kept." });
}

/**
 * Trusts an address, and ends its ban if there is one.
 * @param forSeconds null: until taken back. @returns why it was not done; undefined: it was.
 */
export async function trust(
  address: string,
  forSeconds: number | null,
  isBanned: boolean,
): Promise<string | undefined> {
  const seconds = forSeconds === null ? {} : { for_seconds: forSeconds };
  const refusal = await act("/v1/trusted", { method: "POST", body: { address, ...seconds } });
  if (refusal !== undefined) return refusal;
  if (isBanned) await actOrTell("/v1/bans", { method: "DELETE", query: { address } });
  const span = forSeconds === null ? "until that is taken back" : `for ${formatSpan(forSeconds)}`;
  tell({ kind: "done", text: `${printable(address)} is trusted ${span}.` });
  return undefined;
}

/** @returns whether it was done; why not is told. */
async function actOrTell(path: string, asking: Asking): Promise<boolean> {
  const refusal = await act(path, asking);
  tellRefusal(refusal);
  return refusal === undefined;
}

function tellRefusal(refusal: string | undefined): void {
  if (refusal !== undefined) tell({ kind: "failed", text: refusal });
}

/** @returns why it was not done, for people; undefined: it was, or had been already. */
async function act(path: string, asking: Asking): Promise<string | undefined> {
  try {
    const { status, reason } = await askApi<OutcomeView>(path, asking);
    if (status === "refused" || status === "failed") {
      return `Not done: ${printable(reason ?? status)}.`;
    }
    live.update((state) => ({ ...state, bansTurn: state.bansTurn + 1 }));
    return undefined;
  } catch (error) {
    if (!(error instanceof ApiFault)) throw error;
    return `Not done: ${printable(error.message)}`;
  }
}
