/** Whether the guard knows this browser. */
import { createCell } from "./cell.ts";

/** `unknown`: it has not been asked yet. `locked`: the token is needed. */
export type Session = "unknown" | "open" | "locked";

export const session = createCell<Session>("unknown");

/** False: the session reads alone. Until the guard has said so, it decides by itself. */
export const mayChange = createCell(true);
