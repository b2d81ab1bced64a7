/**
 * What a second `portsentry` says to the first, and what it is answered: one JSON object a line,
 * one line each way, on a Unix socket in the run directory that only root may open.
 *
 * PortSentry 1.2 is one process for each transport, and so an init script starts two; here the
 * second asks the first to watch its transport, too. The connection is the claim: when it closes,
 * whoever had it has gone, and the transport is taken away again.
 */
import { z } from "zod";
import { type ErrorCode, EXIT_STATUS } from "../errors.ts";

/** Its name in the run directory. */
export const JOIN_SOCKET = "join.sock";

/** Longest line either side accepts, in bytes: a path, and little else. */
export const MAX_JOIN_LINE_BYTES = 8192;

/** The whole table of requests. */
export const joinRequestSchema = z.strictObject({
  request: z.literal("join"),
  transport: z.enum(["tcp", "udp"]),
  /** Text of TCP_MODE or UDP_MODE. */
  mode: z.enum(["tcp", "stcp", "atcp", "udp", "sudp", "audp"]),
  /** The file that it goes by, absolute: one guard has one configuration. */
  configPath: z.string().max(4096),
});

export const joinAnswerSchema = z.discriminatedUnion("status", [
  /** The transport is watched from now on. `pid`: of the guard's privileged process. */
  z.object({ status: z.literal("joined"), pid: z.number().int() }),
  z.object({
    status: z.literal("refused"),
    code: z.enum(Object.keys(EXIT_STATUS) as [ErrorCode, ...ErrorCode[]]),
    message: z.string(),
  }),
]);

export type JoinRequest = z.output<typeof joinRequestSchema>;
export type JoinAnswer = z.output<typeof joinAnswerSchema>;
