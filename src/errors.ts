/**
 * Failures that the operator, not the programmer, has to fix.
 *
 * Everything else is a bug: it is not caught, the process ends with its stack, and bans stay in the
 * kernel meanwhile.
 */

/**
 * Every stable code an operational error can carry. Operators meet these in logs and exit messages,
 * so a code is never renamed; docs/ERRORS.md has one paragraph for each.
 */
export type ErrorCode =
  | "ERR_USAGE"
  | "ERR_CONFIG_INVALID"
  | "ERR_PERMISSION"
  | "ERR_UNAVAILABLE"
  | "ERR_ALREADY_RUNNING"
  | "ERR_KERNEL"
  | "ERR_BROKER"
  | "ERR_JOURNAL"
  | "ERR_CAPTURE"
  | "ERR_OUTPUT"
  | "ERR_NO_GUARD"
  | "ERR_REFUSED";

/** Exit status of each code, after sysexits(3). */
export const EXIT_STATUS: Readonly<Record<ErrorCode, number>> = {
  ERR_USAGE: 64,
  ERR_CONFIG_INVALID: 78,
  ERR_PERMISSION: 77,
  ERR_UNAVAILABLE: 69,
  ERR_ALREADY_RUNNING: 69,
  ERR_KERNEL: 71,
  ERR_BROKER: 70,
  ERR_JOURNAL: 74,
  ERR_CAPTURE: 65,
  ERR_OUTPUT: 74,
  ERR_NO_GUARD: 69,
  ERR_REFUSED: 1,
};

/** A failure with a stable code; its message says what, where, and what to do. */
export class OperationalError extends Error {
  override readonly name = "OperationalError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** @returns whether the machine refused something, by a system call; anything else is a bug. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
