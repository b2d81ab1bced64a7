/**
 * What reaches a web server in a month: its customers, the sweeps of the whole Internet, bots,
 * patient scanners at three paces, and people who have its address from whoever had it before.
 *
 * Scanners are those who ask for many ports, and the bots that try telnet and its neighbour. Whoever
 * asks for one port once is neither scanner nor innocent: nobody can tell, from here.
 */
import type { Scenario, ScenarioMaker } from "../scenario.ts";
import { Link } from "../traffic/link.ts";
import { encodeTcp } from "../traffic/packets.ts";
import { Random } from "../traffic/random.ts";
import {
  masscanSyn,
  miraiSyn,
  nmapRun,
  stackSyn,
  TCP_ACK,
  TCP_RST,
  TCP_SYN,
} from "../traffic/senders.ts";
import {
  addressAt,
  DAY_MS,
  HOUR_MS,
  MINUTE_MS,
  OTHER_PORTS,
  OURS,
  POPULAR_PORTS,
  SECOND_MS,
  SERVICES,
  STARTED_AT_EPOCH_MS,
} from "./ground.ts";

const DAYS = 30;
const CUSTOMERS = 400;
const VISITS_EACH = 20;
const SWEEPERS = 6000;
const BOTS = 150;
const BACKSCATTERERS = 300;
/** What the patient ones do: how many there are, and their mean pause. */
const PACES: readonly (readonly [count: number, pauseMs: number])[] = [
  [10, 20 * MINUTE_MS],
  [10, 2 * HOUR_MS],
  [10, 8 * HOUR_MS],
];
const PATIENT_PORTS = 60;
/** Whoever had the address before ran a game, and a telephone exchange. */
const FORMER_PLAYERS = 60;
const FORMER_PHONES = 10;

class Month {
  readonly random = new Random(0x30da75);
  readonly link = new Link(OURS, SERVICES);
  readonly scanners: string[] = [];
  readonly innocents: string[] = [];
  #senders = 0;

  /** @returns an address that nobody has had yet: 10.x, so that there is room. */
  sender(): string {
    this.#senders += 1;
    return addressAt("10.0.0.0", this.#senders);
  }

  someTime(): number {
    return STARTED_AT_EPOCH_MS + this.random.fraction() * DAYS * DAY_MS;
  }

  from(source: string, destinationPort: number) {
    const sourcePort = this.random.integer(32_768, 60_999);
    return { source, destination: OURS, sourcePort, destinationPort };
  }

  customers(): void {
    for (let customer = 0; customer < CUSTOMERS; customer += 1) {
      const source = this.sender();
      this.innocents.push(source);
      for (let visit = 0; visit < VISITS_EACH; visit += 1) {
        const ends = this.from(source, this.random.pick([443, 443, 443, 80]));
        this.link.connect(this.someTime(), ends, { lastsMs: 5 * SECOND_MS });
      }
    }
  }

  /** One packet each, of a tool or of a stack that repeats itself. */
  sweepers(): void {
    const ports = [...POPULAR_PORTS, ...OTHER_PORTS];
    for (let sweeper = 0; sweeper < SWEEPERS; sweeper += 1) {
      const run = nmapRun(this.sender(), OURS, this.random);
      const destinationPort = this.random.pick(ports);
      const syn = masscanSyn(run, destinationPort, this.random);
      this.link.probe(this.someTime(), syn, { ...run, destinationPort }, 30);
    }
  }

  /** Telnet three times, its neighbour once: as Mirai does, ten to one. */
  bots(): void {
    for (let bot = 0; bot < BOTS; bot += 1) {
      const run = nmapRun(this.sender(), OURS, this.random);
      this.scanners.push(run.source);
      const beganAtEpochMs = this.someTime();
      for (const [index, destinationPort] of [23, 23, 2323, 23].entries()) {
        const syn = miraiSyn(run, destinationPort, this.random);
        const atEpochMs = beganAtEpochMs + index * 40 * SECOND_MS;
        this.link.probe(atEpochMs, syn, { ...run, destinationPort }, 30);
      }
    }
  }

  patientScanners(): void {
    const ports = [...POPULAR_PORTS, ...OTHER_PORTS];
    for (const [count, pauseMs] of PACES) {
      for (let scanner = 0; scanner < count; scanner += 1) {
        const source = this.sender();
        this.scanners.push(source);
        // However slow, it is not to begin so late that the month is over before it is told.
        let atEpochMs = STARTED_AT_EPOCH_MS + this.random.fraction() * 10 * DAY_MS;
        for (const port of this.random.shuffled(ports).slice(0, PATIENT_PORTS)) {
          const ends = this.from(source, port);
          this.link.probe(atEpochMs, stackSyn(ends, "linux", this.random.word()), ends, 30);
          atEpochMs += this.random.exponential(pauseMs);
        }
      }
    }
  }

  /** Servers that somebody floods in our name answer us: 4 answers, 4 resets. */
  backscatter(): void {
    for (let server = 0; server < BACKSCATTERERS; server += 1) {
      const source = this.sender();
      this.innocents.push(source);
      const beganAtEpochMs = this.someTime();
      for (let answer = 0; answer < 8; answer += 1) {
        const flags = answer % 2 === 0 ? TCP_SYN | TCP_ACK : TCP_RST | TCP_ACK;
        const ends = { ...this.from(source, this.random.integer(1, 0xffff)), sourcePort: 80 };
        this.link.pass(beganAtEpochMs + answer * SECOND_MS, encodeTcp({ ...ends, flags }));
      }
    }
  }

  /** Every day somebody's old game asks one port, by UDP and by TCP; telephones ask three, hourly. */
  formerGuests(): void {
    for (let player = 0; player < FORMER_PLAYERS; player += 1) {
      const source = this.sender();
      this.innocents.push(source);
      for (let day = 0; day < DAYS; day += 1) {
        const atEpochMs = STARTED_AT_EPOCH_MS + (day + this.random.fraction()) * DAY_MS;
        this.link.ask(atEpochMs, this.from(source, 27_015));
        this.link.connect(atEpochMs + SECOND_MS, this.from(source, 27_015));
      }
    }
    for (let phone = 0; phone < FORMER_PHONES; phone += 1) {
      const source = this.sender();
      this.innocents.push(source);
      for (let hour = 0; hour < DAYS * 24; hour += 1) {
        const atEpochMs = STARTED_AT_EPOCH_MS + (hour + this.random.fraction()) * HOUR_MS;
        this.link.ask(atEpochMs, this.from(source, 5060));
        this.link.connect(atEpochMs + SECOND_MS, this.from(source, 5061));
        this.link.connect(atEpochMs + 2 * SECOND_MS, this.from(source, 5222));
      }
    }
  }
}

function background(): Scenario {
  const month = new Month();
  month.customers();
  month.sweepers();
  month.bots();
  month.patientScanners();
  month.backscatter();
  month.formerGuests();
  const { link, scanners, innocents } = month;
  return {
    id: "month",
    kind: "scan",
    title:
      "a month: 150 bots, 30 patient scanners (a port every 20 min, 2 h, 8 h), 6,000 sweepers " +
      "that count for nothing",
    ours: [OURS],
    services: SERVICES,
    scanners,
    innocents,
    packets: link.packets(),
  };
}

/** See the file comment. */
export const BACKGROUND: ScenarioMaker = { id: "month", make: background };
