/**
 * The first `portsentry`'s ear for a second one: takes one request a connection, and holds the
 * transport that it asked for until the connection closes.
 *
 * It is the privileged process that listens here, so little can be said and to few: the socket's
 * mode lets in root alone, the kernel is asked who has connected (SO_PEERCRED) all the same, at
 * most {@link MAX_CONNECTIONS} wait, and whoever says nothing, too much or anything else is closed.
 */
import { createServer, type Server, type Socket } from "node:net";
import { fdOf } from "../api/auth.ts";
import { LineChannel } from "../broker/line-channel.ts";
import { readPeerCredentials } from "../kernel/peer-credentials.ts";
import {
  type JoinAnswer,
  type JoinRequest,
  joinRequestSchema,
  MAX_JOIN_LINE_BYTES,
} from "./join-protocol.ts";

const MAX_CONNECTIONS = 4;

/** How long (ms) a connection may take to say what it wants. */
const REQUEST_WITHIN_MS = 5000;

export interface JoinServerParts {
  /** A listening socket; it is taken over. */
  readonly fd: number;
  /**
   * Puts the transport in force. Never rejects. @param pid of who asks; 0 where it is not known.
   */
  readonly onJoin: (request: JoinRequest, pid: number) => Promise<JoinAnswer>;
  /** Whoever had joined for it has gone. */
  readonly onLeave: (transport: JoinRequest["transport"]) => void;
}

export class JoinServer {
  readonly #parts: JoinServerParts;
  readonly #server: Server;
  readonly #connections = new Set<Socket>();

  constructor(parts: JoinServerParts) {
    this.#parts = parts;
    this.#server = createServer((socket) => this.#admit(socket));
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** Answers from now on; who came earlier has waited. Called once. */
  start(): void {
    this.#server.listen({ fd: this.#parts.fd });
  }

  /** Takes no more; connections stay until the process ends, which is what they wait for. */
  close(): void {
    this.#server.close();
    for (const socket of this.#connections) socket.unref();
  }

  #admit(socket: Socket): void {
    const fd = fdOf(socket);
    const peer = fd === undefined ? undefined : readPeerCredentials(fd);
    if (peer === undefined || (peer.uid !== 0 && peer.uid !== process.geteuid?.())) {
      socket.destroy();
      return;
    }
    this.#connections.add(socket);
    let joined: JoinRequest["transport"] | undefined;
    let hasAsked = false;
    let isGone = false;
    const timer = setTimeout(() => channel.close("nothing was asked"), REQUEST_WITHIN_MS);
    const channel = new LineChannel(socket, {
      maxLineBytes: MAX_JOIN_LINE_BYTES,
      maxQueuedBytes: MAX_JOIN_LINE_BYTES,
      readsAheadOfAnswers: false,
      onLine: async (line) => {
        clearTimeout(timer);
        const request = hasAsked ? undefined : parseRequest(line);
        hasAsked = true;
        if (request === undefined) {
          channel.close("no request");
          return;
        }
        const answer = await this.#parts.onJoin(request, peer.pid);
        if (answer.status === "joined") joined = request.transport;
        // Gone while it was put in force.
        if (isGone && joined !== undefined) this.#parts.onLeave(joined);
        else channel.send(answer);
      },
      onClose: () => {
        isGone = true;
        clearTimeout(timer);
        this.#connections.delete(socket);
        if (joined !== undefined) this.#parts.onLeave(joined);
      },
    });
  }
}

/** @returns undefined for what is not in the table. */
function parseRequest(line: string): JoinRequest | undefined {
  try {
    return joinRequestSchema.safeParse(JSON.parse(line)).data;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}
