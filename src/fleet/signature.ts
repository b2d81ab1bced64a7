/**
 * What is signed, as bytes: 64 of an Ed25519 signature (RFC 8032), then JSON as UTF-8.
 *
 * The signature is over a line that says for what it was made, and the JSON exactly as it came:
 * nothing is parsed before it is verified, and nothing is written again to verify it. The line keeps
 * a signature for one purpose from being shown for another: what a NATS server has signed at a login
 * is never a record, and a record is never a member's statement.
 *
 * Bytes come from anybody: nothing here throws for any of them, and what is too long is not hashed.
 */
import { createPublicKey, type KeyObject, sign, verify } from "node:crypto";

/** RFC 8032 section 5.1.6. */
const SIGNATURE_BYTES = 64;

/** Base64url of 32 bytes without padding, RFC 8037 section 2. */
const PUBLIC_KEY = /^[A-Za-z0-9_-]{43}$/;

/** For what a signature is made. The line, its end included, stands before what is signed. */
export interface SigningContext {
  readonly line: string;
  /** Longest wire form, signature and all. Bytes. */
  readonly maxBytes: number;
}

/** Why bytes are not what somebody has signed for this purpose. */
export type SignatureRefusal = "too-long" | "no-signature" | "bad-signature";

type Opened =
  | { readonly status: "opened"; readonly json: Uint8Array }
  | { readonly status: "refused"; readonly refusal: SignatureRefusal };

/** A value that cannot be encoded in `maxBytes` is a bug of its maker: throws RangeError. */
export function encodeSigned(context: SigningContext, value: unknown, key: KeyObject): Buffer {
  const json = Buffer.from(JSON.stringify(value));
  const bytes = SIGNATURE_BYTES + json.length;
  if (bytes > context.maxBytes)
    throw new RangeError(`${bytes} bytes are above ${context.maxBytes}`);
  return Buffer.concat([sign(null, signedBytes(context, json), key), json]);
}

/** @returns the JSON bytes that `publicKey`'s owner has signed for this purpose, not yet parsed. */
export function openSigned(
  context: SigningContext,
  wire: Uint8Array,
  publicKey: KeyObject,
): Opened {
  if (wire.length > context.maxBytes) return { status: "refused", refusal: "too-long" };
  if (wire.length <= SIGNATURE_BYTES) return { status: "refused", refusal: "no-signature" };
  const json = wire.subarray(SIGNATURE_BYTES);
  const isGood = verify(
    null,
    signedBytes(context, json),
    publicKey,
    wire.subarray(0, SIGNATURE_BYTES),
  );
  return isGood ? { status: "opened", json } : { status: "refused", refusal: "bad-signature" };
}

/** @returns undefined when the bytes are not UTF-8, or not JSON. */
export function parseJsonBytes(json: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(json));
  } catch {
    return undefined;
  }
}

/** Base64url of the 32 bytes of an Ed25519 public key. */
export function formatPublicKey(key: KeyObject): string {
  return key.export({ format: "jwk" }).x ?? "";
}

/** @returns undefined when `text` is not what {@link formatPublicKey} writes. */
export function parsePublicKey(text: string): KeyObject | undefined {
  if (!PUBLIC_KEY.test(text)) return undefined;
  // Two texts of one key would be two keys to whoever compares texts.
  if (Buffer.from(text, "base64url").toString("base64url") !== text) return undefined;
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: text }, format: "jwk" });
}

function signedBytes({ line }: SigningContext, json: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(line), json]);
}
