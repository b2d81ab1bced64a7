/** Who gets mail, who sends it, and by which server. */

/** A server of SMTP. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /**
   * `begin`: TLS from the first byte. `upgrade`: STARTTLS, or nothing is sent. `none`: only for a
   * server of this machine, whose certificate nobody can check.
   */
  readonly tls: "begin" | "upgrade" | "none";
  /** undefined: whoever asks may send. */
  readonly user: string | undefined;
}

/** RFC 5321 section 4.5.3.1: 64 octets, and 255. Of the forms that it allows the plain one alone. */
const ADDRESS = /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?$/;

const MAX_RECIPIENTS = 10;

const OWN_MACHINE = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** No control character, bracket or comma is in an address, so that none can end a header. */
export function parseMailAddress(text: string): string | undefined {
  return ADDRESS.test(text) ? text : undefined;
}

/** @returns 1 to 10 addresses between blanks or commas; undefined for anything else. */
export function parseMailAddresses(text: string): readonly string[] | undefined {
  const addresses = text.split(/[\s,]+/).filter(Boolean);
  const isFit = addresses.length >= 1 && addresses.length <= MAX_RECIPIENTS;
  return isFit && addresses.every((each) => ADDRESS.test(each)) ? addresses : undefined;
}

/** @returns undefined for what is no "smtp://user@host:587"; a password is none of it. */
export function parseSmtpServer(text: string): SmtpServer | undefined {
  const url = /[\s\p{Cc}]/u.test(text) ? undefined : URL.parse(text);
  if (url === undefined || url === null || url.hostname === "" || url.password !== "")
    return undefined;
  if (url.search !== "" || url.hash !== "" || !/^\/?$/.test(url.pathname)) return undefined;
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const user = url.username === "" ? undefined : decodeUser(url.username);
  if (user === "") return undefined;
  const port = url.port === "" ? undefined : Number(url.port);
  if (url.protocol === "smtps:") return { host, port: port ?? 465, tls: "begin", user };
  if (url.protocol !== "smtp:") return undefined;
  const isOwn = OWN_MACHINE.test(url.hostname) && user === undefined;
  return { host, port: port ?? (isOwn ? 25 : 587), tls: isOwn ? "none" : "upgrade", user };
}

/** @returns "" for what is no name. */
function decodeUser(text: string): string {
  try {
    const user = decodeURIComponent(text);
    return /\p{Cc}/u.test(user) ? "" : user;
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    return "";
  }
}
