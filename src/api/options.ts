/** Configuration keys of the API. */
import type { ConfigKey } from "../config-key.ts";
import { path, paths, text } from "../key-types.ts";
import { parseIpAddress } from "../net/ip-address.ts";

/** A TCP address of this machine alone. */
export interface ListenPlace {
  /** Canonical, without brackets: "127.0.0.1" or "::1". */
  readonly address: string;
  /** 1024 to 65535: the guard, which listens, may not have those below. */
  readonly port: number;
}

const LOWEST_PORT = 1024;
const HIGHEST_PORT = 65_535;

/** RFC 1035 section 2.3.4 allows 255 octets; three names and their blanks. */
const LONGEST_HOSTS = 1000;

/** A letter-digit-hyphen name, RFC 952 and RFC 1123 section 2.1. */
const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;

/** Address and port, as undefined when it is "". */
function loopbackPlace(key: Parameters<typeof text>[0]): ConfigKey<ListenPlace | undefined> {
  const expects =
    'a loopback address and a port from 1024 to 65535, such as 127.0.0.1:9847 or [::1]:9847, or "" ' +
    "for none";
  const fault = (problem?: string) => ({
    status: "fault" as const,
    expected: expects,
    ...(problem === undefined ? {} : { problem }),
  });
  return {
    ...text(key),
    expects,
    parse(content) {
      if (content === "") return { status: "ok", value: undefined };
      const parts = /^(?:\[(?<v6>[^\]]+)\]|(?<v4>[\d.]+)):(?<port>\d{1,5})$/.exec(content)?.groups;
      const address = parseIpAddress(parts?.["v6"] ?? parts?.["v4"] ?? "");
      if (address === undefined) return fault();
      const port = Number(parts?.["port"]);
      if (port < LOWEST_PORT) return fault(`port ${port} is below ${LOWEST_PORT}`);
      if (port > HIGHEST_PORT) return fault(`port ${port} is above ${HIGHEST_PORT}`);
      if (address !== "::1" && !address.startsWith("127.")) return fault(elsewhere(address, port));
      return { status: "ok", value: { address, port } };
    },
  };
}

/** Whoever wants to be reached from elsewhere has two ways that encrypt. */
function elsewhere(address: string, port: number): string {
  return (
    `${address} can be reached from outside, and the API does not encrypt: listen on 127.0.0.1:` +
    `${port}, and put a reverse proxy with TLS before it, or forward the port by SSH ` +
    `(ssh -L ${port}:127.0.0.1:${port} HOST)`
  );
}

/** Names between blanks, in small letters; "" is an empty list. */
function hostNames(key: Parameters<typeof text>[0]): ConfigKey<readonly string[]> {
  const expects = 'names of hosts between blanks, such as sentry.example.org, or "" for none';
  return {
    ...text(key),
    expects,
    parse(content) {
      const names = content.toLowerCase().split(/\s+/).filter(Boolean);
      const odd = names.find((name) => !HOST_NAME.test(name));
      if (odd === undefined && content.length <= key.maxCharacters) {
        return { status: "ok", value: names };
      }
      const problem = odd === undefined ? undefined : `${JSON.stringify(odd)} is no name of a host`;
      return { status: "fault", expected: expects, ...(problem && { problem }) };
    },
  };
}

/** Keys of this folder by their name in the file. */
export const apiKeys = {
  API_LISTEN: loopbackPlace({
    default: "",
    maxCharacters: 100,
    about:
      "Loopback address and port on which the API answers, beside its Unix socket, to whoever has " +
      "the token of API_TOKEN_FILE, such as 127.0.0.1:9847 or [::1]:9847. Empty: none. Not " +
      "encrypted: from elsewhere through a reverse proxy with TLS, or forwarded by SSH.",
  }),
  API_TOKEN_FILE: path({
    default: "",
    about:
      "File with the token, at least 32 letters and digits, that whoever asks over API_LISTEN must " +
      "have. It is made where it is not there. Empty: api.token in the state directory. Who has it " +
      "may ban and unban, so that a file that others may read is not used.",
  }),
  API_READ_TOKEN_FILE: path({
    default: "",
    about:
      "File with another token for API_LISTEN, with which one may read and change nothing: for a " +
      "dashboard, or Prometheus. Made where it is not there, and refused, like API_TOKEN_FILE. " +
      "Empty: there is none.",
  }),
  GEO_DB: paths({
    default: "",
    maxCount: 4,
    about:
      "Databases of countries or of autonomous systems in MaxMind's format (MMDB), as MaxMind and " +
      "DB-IP give them out; with several, the first that knows an address says where it belongs. The " +
      "API then tells country and system of sources; nothing is judged by it. The guard's user must " +
      "be able to read them, and each is in memory as a whole. See API.md.",
  }),
  API_HOSTS: hostNames({
    default: "",
    maxCharacters: LONGEST_HOSTS,
    about:
      "Names by which a reverse proxy's clients call this machine. Over API_LISTEN the API answers " +
      "only when it is called by that address, localhost, or one of these.",
  }),
};
