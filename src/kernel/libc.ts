/**
 * The few calls of the C library that Node does not offer, typed.
 *
 * Every call returns what the system call itself returns to its caller in the kernel's convention:
 * zero or more on success, and **the negative error number on failure** (`-ERRNO.EAGAIN`). Nothing
 * throws but the loading of the library. The synchronous calls block the event loop: use them on
 * descriptors that answer at once, or with a receive time-out.
 */
import { ERRNO } from "./errno.ts";
import {
  type ForeignFunction,
  type ForeignLibrary,
  loadKoffi,
  loadLibrary,
} from "./foreign-library.ts";
import { F_SETFD, FD_CLOEXEC, IF_NAMESIZE, SOCK_CLOEXEC, SOCK_NONBLOCK } from "./spec.ts";

interface Calls {
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array, addressBytes: number): number;
  connect(fd: number, address: Uint8Array, addressBytes: number): number;
  listen(fd: number, backlog: number): number;
  send(fd: number, bytes: Uint8Array, count: number, flags: number): number;
  sendto(
    fd: number,
    bytes: Uint8Array,
    count: number,
    flags: number,
    address: Uint8Array,
    addressBytes: number,
  ): number;
  sendmsg(fd: number, message: bigint, flags: number): number;
  recvmsg(fd: number, message: bigint, flags: number): number;
  recv: ForeignFunction<(fd: number, into: Uint8Array, count: number, flags: number) => number>;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, bytes: number): number;
  getsockopt(
    fd: number,
    level: number,
    name: number,
    value: Uint8Array,
    bytes: Uint32Array,
  ): number;
  accept4(fd: number, address: Uint8Array, bytes: Uint32Array, flags: number): number;
  getsockname(fd: number, address: Uint8Array, bytes: Uint32Array): number;
  poll: ForeignFunction<(entries: Uint8Array, count: number, timeoutMs: number) => number>;
  shutdown(fd: number, how: number): number;
  socketpair(domain: number, type: number, protocol: number, pair: Int32Array): number;
  dup2(fd: number, onto: number): number;
  getrlimit(resource: number, limit: Uint8Array): number;
  setrlimit(resource: number, limit: Uint8Array): number;
  close(fd: number): number;
  if_indextoname(index: number, name: Uint8Array): unknown;
  /** Variadic: koffi wants the type of the last argument before it. */
  fcntl(fd: number, command: number, type: "int", value: number): number;
  /** Variadic, as fcntl. */
  prctl(option: number, type: "ulong", value: number): number;
  unshare(flags: number): number;
  flock(fd: number, operation: number): number;
  adjtimex(state: Uint8Array): number;
  _exit(status: number): void;
  errno(): number;
}

let loadedCalls: Calls | undefined;

function calls(): Calls {
  loadedCalls ??= declareCalls(
    loadLibrary(null, "the C library offers no sockets: Linux is needed"),
  );
  return loadedCalls;
}

function declareCalls(libc: ForeignLibrary): Calls {
  return {
    socket: libc.func("int socket(int, int, int)"),
    bind: libc.func("int bind(int, const uint8_t *, uint32_t)"),
    connect: libc.func("int connect(int, const uint8_t *, uint32_t)"),
    listen: libc.func("int listen(int, int)"),
    send: libc.func("int64_t send(int, const uint8_t *, size_t, int)"),
    sendto: libc.func(
      "int64_t sendto(int, const uint8_t *, size_t, int, const uint8_t *, uint32_t)",
    ),
    // The address by number: the structure holds addresses itself.
    sendmsg: libc.func("int64_t sendmsg(int, uintptr_t, int)"),
    recvmsg: libc.func("int64_t recvmsg(int, uintptr_t, int)"),
    recv: libc.func("int64_t recv(int, uint8_t *, size_t, int)"),
    setsockopt: libc.func("int setsockopt(int, int, int, const uint8_t *, uint32_t)"),
    getsockopt: libc.func("int getsockopt(int, int, int, uint8_t *, uint32_t *)"),
    accept4: libc.func("int accept4(int, uint8_t *, uint32_t *, int)"),
    getsockname: libc.func("int getsockname(int, uint8_t *, uint32_t *)"),
    poll: libc.func("int poll(uint8_t *, unsigned long, int)"),
    shutdown: libc.func("int shutdown(int, int)"),
    socketpair: libc.func("int socketpair(int, int, int, int32_t *)"),
    dup2: libc.func("int dup2(int, int)"),
    getrlimit: libc.func("int getrlimit(int, uint8_t *)"),
    setrlimit: libc.func("int setrlimit(int, const uint8_t *)"),
    close: libc.func("int close(int)"),
    if_indextoname: libc.func("void *if_indextoname(uint32_t, uint8_t *)"),
    fcntl: libc.func("int fcntl(int, int, ...)"),
    prctl: libc.func("int prctl(int, ...)"),
    unshare: libc.func("int unshare(int)"),
    flock: libc.func("int flock(int, int)"),
    adjtimex: libc.func("int adjtimex(uint8_t *)"),
    _exit: libc.func("void _exit(int)"),
    errno: loadKoffi().errno,
  };
}

/**
 * Must run straight after the call: errno belongs to the thread and the next call overwrites it.
 */
function resultOf(returned: number): number {
  return returned >= 0 ? returned : -calls().errno();
}

/** Opens a socket that no child process inherits unless it is listed in the child's stdio. */
export function socket(domain: number, type: number, protocol: number): number {
  return resultOf(calls().socket(domain, type | SOCK_CLOEXEC, protocol));
}

/** Binds to a `struct sockaddr_*` in bytes. */
export function bind(fd: number, address: Uint8Array): number {
  return resultOf(calls().bind(fd, address, address.length));
}

/** Connects to a `struct sockaddr_*` in bytes; blocks unless the socket is non-blocking. */
export function connect(fd: number, address: Uint8Array): number {
  return resultOf(calls().connect(fd, address, address.length));
}

/** Accepts connections; `backlog` is cut to net.core.somaxconn. */
export function listen(fd: number, backlog: number): number {
  return resultOf(calls().listen(fd, backlog));
}

/** Sends all of `bytes` on a connected or netlink socket. @returns bytes sent. */
export function send(fd: number, bytes: Uint8Array, flags = 0): number {
  return resultOf(calls().send(fd, bytes, bytes.length, flags));
}

/** Sends one datagram to a `struct sockaddr_*` in bytes. @returns bytes sent. */
export function sendto(fd: number, bytes: Uint8Array, address: Uint8Array, flags = 0): number {
  return resultOf(calls().sendto(fd, bytes, bytes.length, flags, address, address.length));
}

/**
 * Sends one datagram as a `struct msghdr` says, which lies, with everything that it points to, at
 * addresses of {@link addressOf}. @returns bytes sent.
 */
export function sendmsg(fd: number, message: bigint, flags = 0): number {
  return resultOf(calls().sendmsg(fd, message, flags));
}

/**
 * Receives one message, or the beginning of a stream, as a `struct msghdr` says: see
 * {@link sendmsg}. @returns bytes received.
 */
export function recvmsg(fd: number, message: bigint, flags = 0): number {
  return resultOf(calls().recvmsg(fd, message, flags));
}

/**
 * @returns where `memory` begins, as a number for structures that hold addresses. It must have been
 * made by Buffer.allocUnsafeSlow with more than 64 bytes, or it may move; and it must be kept for
 * as long as the number is used.
 */
export function addressOf(memory: Buffer): bigint {
  return loadKoffi().address(memory);
}

/** Receives into `into` from its start. @returns bytes received; with MSG_TRUNC the true length. */
export function recv(fd: number, into: Uint8Array, flags = 0): number {
  return resultOf(calls().recv(fd, into, into.length, flags));
}

/**
 * As {@link recv}, but waits on a thread of libuv's pool while the event loop goes on. It cannot be
 * called off and keeps the process alive, so the socket must have a receive time-out. `into` must
 * not be touched until the promise is fulfilled.
 */
export function receiveAsync(fd: number, into: Uint8Array, flags = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    calls().recv.async(fd, into, into.length, flags, (error: unknown, returned: number) => {
      // koffi restores the thread's errno around this callback, so it is read here or never.
      if (error === null || error === undefined) resolve(resultOf(returned));
      else reject(error);
    });
  });
}

/** Sets a socket option whose value is a C int. */
export function setsockoptInt(fd: number, level: number, name: number, value: number): number {
  return setsockopt(fd, level, name, new Uint8Array(Int32Array.of(value).buffer));
}

/** Sets a socket option whose value is a structure, in bytes. */
export function setsockopt(fd: number, level: number, name: number, value: Uint8Array): number {
  return resultOf(calls().setsockopt(fd, level, name, value, value.length));
}

/** Reads a socket option into `into`. @returns the bytes written there. */
export function getsockopt(fd: number, level: number, name: number, into: Uint8Array): number {
  const bytes = Uint32Array.of(into.length);
  const result = resultOf(calls().getsockopt(fd, level, name, into, bytes));
  return result < 0 ? result : (bytes[0] as number);
}

/**
 * Takes one connection that waits; its descriptor is non-blocking and closed on exec. The peer's
 * `struct sockaddr_*` is written to `address` even when the peer has gone meanwhile.
 */
export function accept(fd: number, address: Uint8Array): number {
  const bytes = Uint32Array.of(address.length);
  return resultOf(calls().accept4(fd, address, bytes, SOCK_CLOEXEC | SOCK_NONBLOCK));
}

/** Writes the socket's own `struct sockaddr_*` to `address`. */
export function getsockname(fd: number, address: Uint8Array): number {
  return resultOf(calls().getsockname(fd, address, Uint32Array.of(address.length)));
}

/**
 * Waits on a thread of libuv's pool until one of the `struct pollfd` in `entries` has an event, at
 * most `timeoutMs`. As {@link receiveAsync}: `entries` must not be touched meanwhile.
 * @returns how many have one.
 */
export function pollAsync(entries: Uint8Array, count: number, timeoutMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    calls().poll.async(entries, count, timeoutMs, (error: unknown, returned: number) => {
      if (error === null || error === undefined) resolve(resultOf(returned));
      else reject(error);
    });
  });
}

/** Ends one direction of a connection, or both; the descriptor stays. */
export function shutdown(fd: number, how: number): number {
  return resultOf(calls().shutdown(fd, how));
}

/**
 * Two sockets that are connected with each other; no child process inherits them.
 * @returns their descriptors, or the negative error number.
 */
export function socketpair(domain: number, type: number): readonly [number, number] | number {
  const pair = new Int32Array(2);
  const result = resultOf(calls().socketpair(domain, type | SOCK_CLOEXEC, 0, pair));
  return result < 0 ? result : [pair[0] as number, pair[1] as number];
}

/** Makes `onto` mean what `fd` does, for child processes, too; what it meant before is closed. */
export function dup2(fd: number, onto: number): number {
  return resultOf(calls().dup2(fd, onto));
}

/** Reads a `struct rlimit` into `limit`. */
export function getrlimit(resource: number, limit: Uint8Array): number {
  return resultOf(calls().getrlimit(resource, limit));
}

/** Sets a `struct rlimit`. */
export function setrlimit(resource: number, limit: Uint8Array): number {
  return resultOf(calls().setrlimit(resource, limit));
}

/** Closes a descriptor that Node does not manage. An interrupted close has closed (close(2)). */
export function close(fd: number): number {
  const result = resultOf(calls().close(fd));
  return result === -ERRNO.EINTR ? 0 : result;
}

/**
 * @param index the kernel's number of an interface in this network namespace.
 * @returns its name, at most 15 bytes; "" when there is no such interface (any more).
 */
export function nameOfInterface(index: number): string {
  const name = Buffer.alloc(IF_NAMESIZE);
  if (!calls().if_indextoname(index, name)) return "";
  return name.toString("latin1", 0, name.indexOf(0));
}

/** Keeps a descriptor from child processes that do not list it in their stdio. */
export function setCloseOnExec(fd: number): number {
  return resultOf(calls().fcntl(fd, F_SETFD, "int", FD_CLOEXEC));
}

/** prctl(2) for the options that take one number. */
export function prctl(option: number, value: number): number {
  return resultOf(calls().prctl(option, "ulong", value));
}

/** Gives the calling thread namespaces of its own, by unshare(2). */
export function unshare(flags: number): number {
  return resultOf(calls().unshare(flags));
}

/** Takes or drops the advisory lock of an open file, by flock(2): it is the open file's, not ours. */
export function flock(fd: number, operation: number): number {
  return resultOf(calls().flock(fd, operation));
}

/** Reads the state of the kernel's clock into a `struct timex`, by adjtimex(2). */
export function adjtimex(state: Uint8Array): number {
  return resultOf(calls().adjtimex(state));
}

/**
 * Ends this process at once, by _exit(2): no handler runs, nothing is flushed, and no thread is
 * waited for. process.exit() waits for libuv's pool, and so for whatever getaddrinfo(3) still asks.
 */
export function exitAtOnce(status: number): void {
  calls()._exit(status);
}
