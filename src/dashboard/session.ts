/** Shows the token for a session, and gives that back. */
import type { SessionView } from "../api/contract.ts";
import { ApiFault, askApi } from "./api-client.ts";
import { mayChange, session } from "./session-state.ts";

const PATH = "/v1/session";

/** Asks whether there is one already. Never rejects. */
export async function findSession(): Promise<void> {
  try {
    enter(await askApi<SessionView>(PATH));
  } catch (error) {
    // A guard that does not answer yet is waited for by the live connection.
    if (!(error instanceof ApiFault) || error.status !== 401) session.set("open");
  }
}

/** @returns what is wrong with the token, for people; undefined: it was the right one. */
export async function openSession(token: string): Promise<string | undefined> {
  const word = token.trim();
  if (!/^[\w.~+/-]+=*$/.test(word)) return "This cannot be a token: it is letters and digits.";
  try {
    enter(await askApi<SessionView>(PATH, { method: "POST", token: word }));
    return undefined;
  } catch (error) {
    if (!(error instanceof ApiFault)) throw error;
    if (error.status === 401) return "This is not the token.";
    if (error.status === 429) return "Too many wrong tokens. Wait ten seconds.";
    return error.message;
  }
}

function enter(view: SessionView): void {
  mayChange.set(view.may_change);
  session.set("open");
}

/** @returns why it has not ended, for people; undefined: it has, here and there. */
export async function closeSession(): Promise<string | undefined> {
  try {
    await askApi(PATH, { method: "DELETE" });
  } catch (error) {
    if (!(error instanceof ApiFault)) throw error;
    // Whoever opens the page again would be in: the browser still has what shows the session.
    if (error.status !== 401) return error.message;
  }
  session.set("locked");
  return undefined;
}
