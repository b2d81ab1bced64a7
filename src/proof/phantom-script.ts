/**
 * What a phantom of a port says, and who speaks first there.
 *
 * `banner`: the text, then the end. `tarpit`: a closed window, and one byte of the text for each
 * time that the peer asks whether it is open again. `reset`: the end at once. Texts are what a
 * service of the port might begin with; they name no product, so that nobody comes to look for a
 * hole in one. They are ours and the administrator's alone: nothing of a packet gets into one.
 */
import { choiceOf, type PortChoice } from "../net/port-choice.ts";

/** See the file comment. */
export type PhantomAnswer = "banner" | "tarpit" | "reset";

export interface PhantomScript {
  readonly answer: PhantomAnswer;
  /** May be empty, but not with `tarpit`. */
  readonly text: Uint8Array;
  /** The text is sent as soon as the peer is there; else when it has sent something. */
  readonly speaksFirst: boolean;
}

interface Greeting {
  readonly ports: readonly number[];
  readonly text: string;
  readonly speaksFirst: boolean;
}

const GREETINGS: readonly Greeting[] = [
  { ports: [21, 2121], text: "220 FTP server ready.\r\n", speaksFirst: true },
  { ports: [22, 2222], text: "SSH-2.0-OpenSSH\r\n", speaksFirst: true },
  { ports: [23, 2323], text: "\r\nlogin: ", speaksFirst: true },
  { ports: [25, 465, 587], text: "220 ESMTP\r\n", speaksFirst: true },
  { ports: [110, 995], text: "+OK POP3 server ready\r\n", speaksFirst: true },
  { ports: [143, 993], text: "* OK IMAP4rev1 server ready\r\n", speaksFirst: true },
  { ports: [5900, 5901], text: "RFB 003.008\n", speaksFirst: true },
  {
    ports: [80, 81, 8000, 8080, 8081, 8888],
    text: "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    speaksFirst: false,
  },
  { ports: [6379], text: "-ERR unknown command\r\n", speaksFirst: false },
];

/** What drips from a tarpit whose port has no text of its own. */
const DRIPS = "\r\n";

/** The scripts of all ports, made once: a segment only looks its port's up. */
export class PhantomScripts {
  readonly #byPort = new Map<number, PhantomScript>();
  readonly #otherwise: Readonly<Record<PhantomAnswer, PhantomScript>>;
  readonly #answers: PortChoice<PhantomAnswer>;

  /** @param banner text that every port has; undefined: each its own. */
  constructor(answers: PortChoice<PhantomAnswer>, banner: string | undefined) {
    const otherwise = (answer: PhantomAnswer) =>
      scriptOf(answer, banner ?? "", banner !== undefined);
    this.#answers = answers;
    this.#otherwise = {
      banner: otherwise("banner"),
      tarpit: otherwise("tarpit"),
      reset: otherwise("reset"),
    };
    if (banner !== undefined) return;
    for (const { ports, text, speaksFirst } of GREETINGS) {
      for (const port of ports) {
        this.#byPort.set(port, scriptOf(choiceOf(answers, port), text, speaksFirst));
      }
    }
  }

  /** @returns the script of `port`. Allocates nothing. */
  of(port: number): PhantomScript {
    return this.#byPort.get(port) ?? this.#otherwise[choiceOf(this.#answers, port)];
  }
}

function scriptOf(answer: PhantomAnswer, text: string, speaksFirst: boolean): PhantomScript {
  const said = answer === "tarpit" && text === "" ? DRIPS : text;
  return { answer, text: Buffer.from(said), speaksFirst };
}
