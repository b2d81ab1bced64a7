/**
 * The live view at work: what is read of the guard, what keys do, and when it is drawn.
 *
 * Lists are read every {@link READ_MS} and soon after something happened; the screen is drawn four
 * times a second at the most, and only where it differs.
 */
import type { OutcomeView } from "../../api/contract.ts";
import { OperationalError } from "../../errors.ts";
import { ApiOperator } from "../api-client.ts";
import type { CliContext } from "../context.ts";
import { cutToWidth } from "../text-width.ts";
import { followEvents } from "./follow-events.ts";
import { layOut } from "./screen.ts";
import { Terminal } from "./terminal.ts";
import {
  type Act,
  addressOf,
  FIRST_STATE,
  MOST_ROWS,
  moved,
  type WatchState,
  withCampaigns,
} from "./watch-state.ts";

/** Pause (ms) between two readings of the lists. */
const READ_MS = 2000;

const DRAW_MS = 250;

/** Exit status of a process that a signal has ended: 128 and its number. */
const SIGNAL_STATUS = { SIGTERM: 143, SIGHUP: 129, SIGINT: 130 } as const;

export interface LiveViewParts {
  readonly context: CliContext;
  readonly socketPath: string;
  /** The story of an address, as `vedette why` tells it in this width. */
  readonly tellWhy: (operator: ApiOperator, address: string, columns: number) => Promise<string>;
}

/** Until somebody ends it. @returns the exit status. */
export function showLiveView({ context, socketPath, tellWhy }: LiveViewParts): Promise<number> {
  const { env, clock } = context;
  const operator = new ApiOperator(socketPath);
  const following = new AbortController();
  const { promise, resolve } = Promise.withResolvers<number>();
  const isUtf8 = /utf-?8/i.test(env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "");
  let state: WatchState = FIRST_STATE;
  let readAtMs = Number.NEGATIVE_INFINITY;
  let isReading = false;
  const change = (more: Partial<WatchState>) => {
    state = { ...state, ...more };
  };
  const draw = () =>
    terminal.show(layOut(state, terminal.size, { isUtf8, nowEpochMs: clock.epochMs() }));
  const read = async (): Promise<void> => {
    if (isReading || clock.monotonicMs() - readAtMs < READ_MS || state.live === undefined) return;
    isReading = true;
    readAtMs = clock.monotonicMs();
    try {
      const campaigns = await operator.stories.campaigns({ limit: MOST_ROWS });
      const bans = await operator.bans(MOST_ROWS, undefined);
      const activity = await operator.activity();
      state = { ...withCampaigns(state, campaigns), bans, activity };
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      change({ message: error.message });
    } finally {
      isReading = false;
    }
  };
  const carryOut = async (act: Act, address: string): Promise<void> => {
    try {
      const outcome = await actOn(operator, act, address);
      change({ message: sentenceOf(act, outcome) });
      readAtMs = Number.NEGATIVE_INFINITY;
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      change({ message: error.message });
    }
  };
  const showWhy = async (address: string): Promise<void> => {
    try {
      const columns = terminal.size.columns;
      const text = await tellWhy(operator, address, columns);
      change({ story: { lines: text.split("\n").flatMap((each) => wrap(each, columns)), top: 0 } });
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      change({ message: error.message });
    }
  };
  const end = (status: number) => {
    following.abort();
    clearInterval(drawing);
    terminal.close();
    resolve(status);
  };
  const onKey = (key: string): void => {
    const { question, story, pane } = state;
    change({ message: "" });
    if (key === "\x03") {
      end(SIGNAL_STATUS.SIGINT);
      return;
    }
    if (question !== undefined) {
      change({ question: undefined });
      if (key === "y" || key === "Y") void carryOut(question.act, question.address);
      draw();
      return;
    }
    const address = addressOf(state);
    const page = Math.max(1, terminal.size.rows - 4);
    if (key === "up" || key === "k") state = moved(state, -1);
    else if (key === "down" || key === "j") state = moved(state, 1);
    else if (key === "page-up") state = moved(state, -page);
    else if (key === "page-down" || key === " ") state = moved(state, page);
    else if (story !== undefined) {
      if (key === "q" || key === "w" || key === "escape") change({ story: undefined });
    } else if (key === "q") end(0);
    else if (key === "\t") change({ pane: pane === "bans" ? "campaigns" : "bans" });
    else if (address !== undefined) {
      if (key === "b") change({ question: { act: "ban", address } });
      if (key === "u") change({ question: { act: "unban", address } });
      if (key === "t") change({ question: { act: "trust", address } });
      if (key === "w") void showWhy(address);
    }
    draw();
  };
  const terminal = new Terminal({
    hasColours: !env["NO_COLOR"],
    onKey,
    onChange: draw,
    onEnd: (signal) => end(SIGNAL_STATUS[signal]),
  });
  terminal.open();
  draw();
  const drawing = setInterval(() => {
    void read();
    draw();
  }, DRAW_MS);
  void followEvents(
    socketPath,
    {
      onEvent: (event) => {
        if (event.kind === "status") change({ live: event, gone: undefined });
      },
      onGone: (gone) => change({ gone, question: undefined }),
    },
    following.signal,
  );
  return promise;
}

function actOn(operator: ApiOperator, act: Act, address: string): Promise<OutcomeView> {
  switch (act) {
    case "ban":
      return operator.ban({ address, reason: "by command, in vedette watch" });
    case "unban":
      return operator.unban(address);
    case "trust":
      return operator.trust({ address });
  }
}

const DONE = { ban: "banned for good", unban: "unbanned", trust: "trusted" } as const;

function sentenceOf(act: Act, { address, status, reason }: OutcomeView): string {
  const why = reason === undefined ? "" : `: ${reason}`;
  switch (status) {
    case "applied":
      return `${address} is ${DONE[act]}.`;
    case "already-applied":
      return `${address}: nothing was to be done.`;
    case "refused":
    case "failed":
      return `${address} is not ${DONE[act]}${why}`;
  }
}

/** Pieces of at most `width` columns. */
function wrap(text: string, width: number): string[] {
  const pieces: string[] = [];
  for (let rest = text; rest !== ""; ) {
    // Two: or the widest letter would be in no piece.
    const piece = cutToWidth(rest, Math.max(2, width));
    pieces.push(piece);
    rest = rest.slice(piece.length);
  }
  return pieces.length === 0 ? [""] : pieces;
}
