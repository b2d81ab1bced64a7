/**
 * Turns what a client sent into a checked value, or into one fault that names everything wrong.
 *
 * Bodies are bounded by the server before they get here.
 */
import { z } from "zod";
import { OperationalError } from "../errors.ts";

/** Entries in one reply when none is asked for, and at most. */
const DEFAULT_LIMIT = "1000";
const MAX_LIMIT = 10_000;

const limitText = `expected a whole number from 1 to ${MAX_LIMIT}`;

/** The query of every list: at most `limit` entries, those that follow `after` in its order. */
export const pageQuerySchema = z.strictObject({
  limit: z
    .string()
    .regex(/^\d{1,5}$/, limitText)
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= MAX_LIMIT, limitText)
    .prefault(DEFAULT_LIMIT)
    .meta({ type: "integer", minimum: 1, maximum: MAX_LIMIT }),
  after: z.string().max(100, "expected at most 100 characters").optional(),
});

const addressText = "expected an address or a prefix";

/** Of whom a question is, or a change: nothing longer is an address. */
export const addressSchema = z.string(addressText).min(1, addressText).max(100, addressText);

/** @throws {OperationalError} ERR_USAGE with all faults, each with the field that it is about. */
export function checkRequest<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.output<Schema> {
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data;
  const faults = checked.error.issues.map((issue) =>
    issue.path.length === 0 ? issue.message : `${issue.path.join(".")}: ${issue.message}`,
  );
  throw new OperationalError("ERR_USAGE", faults.join("; "));
}

/** @throws {OperationalError} ERR_USAGE when `body` is no JSON or does not fit. */
export function checkJson<Schema extends z.ZodType>(
  schema: Schema,
  body: string,
): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    throw new OperationalError("ERR_USAGE", "the body is not JSON", { cause: error });
  }
  return checkRequest(schema, value);
}
