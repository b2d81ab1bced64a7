/** HTTP status of each operational error. */
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { ErrorCode } from "../errors.ts";

export const FAULT_STATUS: Readonly<Record<ErrorCode, ContentfulStatusCode>> = {
  ERR_USAGE: 400,
  ERR_CONFIG_INVALID: 400,
  ERR_CAPTURE: 400,
  ERR_OUTPUT: 500,
  ERR_PERMISSION: 403,
  ERR_REFUSED: 409,
  ERR_ALREADY_RUNNING: 409,
  ERR_KERNEL: 500,
  ERR_BROKER: 503,
  ERR_JOURNAL: 503,
  ERR_NO_GUARD: 503,
  ERR_UNAVAILABLE: 503,
};
