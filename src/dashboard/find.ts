/**
 * The address in what somebody types or pastes to find it: logs and browsers write more around it.
 *
 * Whatever is none of these stays as it is, and the guard says what is wrong with it.
 */

/** @param text such as "203.0.113.7:80", "http://203.0.113.7/", "[2001:db8::1]:443". */
export function addressIn(text: string): string {
  const place = hostOf(text.trim());
  const { inside, length = "" } = BRACKETS.exec(place)?.groups ?? {};
  if (inside !== undefined) return inside + length;
  return IPV4_AND_PORT.exec(place)?.groups?.["address"] ?? place;
}

/** RFC 3986 section 3.2.2; with the length of a prefix, too, as some write one. */
const BRACKETS = /^\[(?<inside>[^[\]]+)\](?::\d*)?(?<length>\/\d{1,3})?$/;

const IPV4_AND_PORT = /^(?<address>\d+\.\d+\.\d+\.\d+):\d*$/;

/** Of a URL the part between its scheme and its path; what is no URL stays, as a prefix has a slash. */
function hostOf(text: string): string {
  const rest = /^[a-z][a-z\d+.-]*:\/\/(?<rest>.*)$/i.exec(text)?.groups?.["rest"];
  if (rest === undefined) return text;
  const [authority = ""] = rest.split(/[/?#]/, 1);
  return authority.slice(authority.lastIndexOf("@") + 1);
}
