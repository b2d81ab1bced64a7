/** What a person may do from the page, with an answer for each. None of them rejects. */
import type { OutcomeView } from "../api/contract.ts";
import { ApiFault, type Asking, askApi } from "./api-client.ts";
import { formatSpan } from "./format.ts";
import { live } from "./live.ts";
import { tell } from "./parts/toasts.tsx";
import { printable } from "./printable.ts";

/** @param leftSeconds how long it would have lasted, for whoever takes that back; null: for good. */
export async function unban(address: string, leftSeconds: number | null): Promise<void> {
  const query = { address };
  if (!(await act("/v1/bans", { method: "DELETE", query }))) return;
  const undo = { name: "Ban again", act: () => void ban(address, leftSeconds, "unban taken back") };
  tell({ kind: "done", text: `${printable(address)} is let in again.`, undo });
}

/** @param forSeconds null: for good. */
export async function ban(
  address: string,
  forSeconds: number | null,
  reason: string,
): Promise<boolean> {
  const seconds = forSeconds === null ? {} : { for_seconds: Math.max(1, Math.round(forSeconds)) };
  const isDone = await act("/v1/bans", {
    method: "POST",
    body: { address, ...seconds, ...(reason !== "" && { reason }) },
  });
  const span = forSeconds === null ? "for good" : `for ${formatSpan(forSeconds)}`;
  if (isDone) tell({ kind: "done", text: `${printable(address)} is banned ${span}.` });
  return isDone;
}

/** Keeps what was started or applied on trial. */
export async function confirm(): Promise<void> {
  if (await act("/v1/confirm", { method: "POST" })) tell({ kind: "done", text: "It is kept." });
}

/** Trusts an address, and ends its ban if there is one. @param forSeconds null: until taken back. */
export async function trust(
  address: string,
  forSeconds: number | null,
  isBanned: boolean,
): Promise<boolean> {
  const seconds = forSeconds === null ? {} : { for_seconds: forSeconds };
  const isDone = await act("/v1/trusted", { method: "POST", body: { address, ...seconds } });
  if (!isDone) return false;
  if (isBanned) await act("/v1/bans", { method: "DELETE", query: { address } });
  const span = forSeconds === null ? "until that is taken back" : `for ${formatSpan(forSeconds)}`;
  tell({ kind: "done", text: `${printable(address)} is trusted ${span}.` });
  return true;
}

/** @returns whether it was done, or had been already; otherwise why not is told. */
async function act(path: string, asking: Asking): Promise<boolean> {
  try {
    const { status, reason } = await askApi<OutcomeView>(path, asking);
    if (status === "refused" || status === "failed") {
      tell({ kind: "failed", text: `Not done: ${printable(reason ?? status)}.` });
      return false;
    }
    live.update((state) => ({ ...state, bansTurn: state.bansTurn + 1 }));
    return true;
  } catch (error) {
    if (!(error instanceof ApiFault)) throw error;
    tell({ kind: "failed", text: `Not done: ${printable(error.message)}` });
    return false;
  }
}
