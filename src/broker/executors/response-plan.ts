/**
 * Decides what is done to a source, and in which order, from the operator's settings.
 *
 * 1.2's order: hosts.deny, route, command; with KILL_RUN_CMD_FIRST the command comes first. With
 * BLOCK 2 the command alone. Keys that are not set are passed over in silence, as 1.2 does; a text
 * that cannot be expanded is skipped with 1.2's words.
 */
import type { Prefix } from "../../net/prefix.ts";
import type { Transport } from "../../net/transport.ts";
import {
  expandTemplate,
  MODES_OF,
  type ResponseMode,
  type TemplateKey,
  type TokenValues,
} from "./command-template.ts";
import type { Deed, DeedKind, LegacyResponse } from "./deed.ts";
import { inverseCommand } from "./inverse-command.ts";

/** The operator's texts; undefined where the key is not set. */
export interface ResponseTexts {
  readonly killHostsDeny: string | undefined;
  readonly killRoute: string | undefined;
  readonly killRunCmd: string | undefined;
  /** Whether KILL_RUN_CMD comes before the others. Default of the file: no. */
  readonly killRunCmdFirst: boolean;
  /** Takes KILL_ROUTE back where the inverse that is derived is none, or not right. */
  readonly unkillRoute: string | undefined;
  /** As `unkillRoute`, for KILL_RUN_CMD. */
  readonly unkillRunCmd: string | undefined;
}

/** Whom to respond to, and why. */
export interface ResponseRequest {
  readonly source: Prefix;
  /** The port that was probed. 0 to 65535. */
  readonly port: number;
  readonly transport: Transport;
  /** One of the transport's own. */
  readonly mode: ResponseMode;
  /** BLOCK_TCP or BLOCK_UDP. 1: everything. 2: KILL_RUN_CMD alone. */
  readonly block: 1 | 2;
  /** When it is to be taken back, by wall time; undefined: not by itself. */
  readonly untilEpochMs?: number | undefined;
  /** What was done for the source and stands is to stand until then, and is not done again. */
  readonly isLonger?: boolean;
}

/** One response: a deed to do, or why there is none. */
export type PlannedResponse =
  | { readonly status: "due"; readonly deed: Deed }
  | { readonly status: "skipped"; readonly response: LegacyResponse };

interface Step {
  readonly kind: DeedKind;
  readonly key: TemplateKey;
  readonly template: string | undefined;
  readonly undoKey: TemplateKey;
  /** Named by the operator; undefined: derived. */
  readonly undoTemplate: string | undefined;
}

/** @returns what is due, in its order. */
export function planResponses(
  texts: ResponseTexts,
  request: ResponseRequest,
): readonly PlannedResponse[] {
  return stepsOf(texts, request.block).flatMap((step) => {
    const { kind, key, template } = step;
    if (template === undefined) return [];
    const skipped = (reason: string): PlannedResponse => ({
      status: "skipped",
      response: { name: kind, status: "skipped", text: template, reason },
    });
    const modes: readonly string[] = MODES_OF[request.transport];
    if (!modes.includes(request.mode)) return [skipped(`not a mode of ${request.transport}`)];
    const values = { target: request.source, port: request.port, mode: request.mode };
    const expansion = expandTemplate(key, template, values);
    if (expansion.status === "refused") return [skipped(expansion.reason)];
    const undo = undoOf(step, template, values);
    const { untilEpochMs } = request;
    return [{ status: "due", deed: { kind, text: expansion.text, undo, untilEpochMs } }];
  });
}

function stepsOf(texts: ResponseTexts, block: 1 | 2): readonly Step[] {
  const command: Step = {
    kind: "command",
    key: "KILL_RUN_CMD",
    template: texts.killRunCmd,
    undoKey: "UNKILL_RUN_CMD",
    undoTemplate: texts.unkillRunCmd,
  };
  if (block === 2) return [command];
  const blocks: readonly Step[] = [
    {
      kind: "hosts-deny",
      key: "KILL_HOSTS_DENY",
      template: texts.killHostsDeny,
      undoKey: "KILL_HOSTS_DENY",
      undoTemplate: texts.killHostsDeny,
    },
    {
      kind: "route",
      key: "KILL_ROUTE",
      template: texts.killRoute,
      undoKey: "UNKILL_ROUTE",
      undoTemplate: texts.unkillRoute,
    },
  ];
  return texts.killRunCmdFirst ? [command, ...blocks] : [...blocks, command];
}

function undoOf(
  { undoKey, undoTemplate }: Step,
  template: string,
  values: TokenValues,
): string | undefined {
  const inverse = undoTemplate ?? inverseCommand(template);
  if (inverse === undefined) return undefined;
  const expansion = expandTemplate(undoKey, inverse, values);
  return expansion.status === "expanded" ? expansion.text : undefined;
}
