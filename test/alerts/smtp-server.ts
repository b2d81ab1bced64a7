/** A mail server on loopback that speaks just enough SMTP, RFC 5321; with STARTTLS where it has a key. */
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly data: string;
}

export interface SmtpOptions {
  /** PEM; undefined: no STARTTLS. */
  readonly key?: { readonly key: string; readonly cert: string };
  /** Answer to what comes after the data. */
  readonly afterData?: string;
  readonly onMail?: (mail: Mail) => void;
}

export class SmtpServer {
  readonly mails: Mail[] = [];
  /** Every line that a client has sent, those of the data aside. */
  readonly said: string[] = [];
  readonly #options: SmtpOptions;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => {
    this.#sockets.add(socket);
    socket.write("220 test ESMTP\r\n");
    this.#talk(socket, false);
  });

  private constructor(options: SmtpOptions) {
    this.#options = options;
  }

  static async open(options: SmtpOptions = {}): Promise<SmtpServer> {
    const server = new SmtpServer(options);
    const { promise, resolve } = Promise.withResolvers<void>();
    server.#server.listen(0, "127.0.0.1", resolve);
    await promise;
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  [Symbol.dispose](): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #talk(socket: Socket, isSecure: boolean): void {
    const { key, afterData = "250 taken", onMail } = this.#options;
    let waiting = "";
    let mail = { from: "", to: [] as string[] };
    let data: string[] | undefined;
    const answer = (line: string) => void socket.write(`${line}\r\n`);
    const take = (line: string): void => {
      if (data !== undefined) {
        if (line !== ".") data.push(line);
        else {
          const taken = { ...mail, data: data.join("\n") };
          this.mails.push(taken);
          onMail?.(taken);
          data = undefined;
          answer(afterData);
        }
        return;
      }
      this.said.push(line);
      const [verb = ""] = line.toUpperCase().split(/[ :]/);
      if (verb === "EHLO") {
        if (key !== undefined && !isSecure) answer("250-STARTTLS");
        answer("250 AUTH PLAIN");
      } else if (verb === "STARTTLS" && key !== undefined) {
        answer("220 go ahead");
        socket.removeAllListeners("data");
        const options = { isServer: true, secureContext: createSecureContext(key) };
        const secure = new TLSSocket(socket, options);
        secure.on("error", () => {});
        this.#talk(secure, true);
      } else if (verb === "AUTH") answer("235 welcome");
      else if (verb === "MAIL") {
        mail = { from: line.slice(10), to: [] };
        answer("250 ok");
      } else if (verb === "RCPT") {
        mail.to.push(line.slice(8));
        answer("250 ok");
      } else if (verb === "DATA") {
        data = [];
        answer("354 go ahead");
      } else answer(verb === "QUIT" ? "221 bye" : "250 ok");
    };
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      waiting += chunk.toString();
      const lines = waiting.split("\r\n");
      waiting = lines.pop() ?? "";
      for (const line of lines) take(line);
    });
  }
}
