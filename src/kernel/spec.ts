/**
 * Numbers of the Linux system call interface, by the header that defines them.
 *
 * All hold for x86-64 and arm64, the two machines we run on; some differ on mips and sparc.
 */

// bits/socket.h
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_NETLINK = 16;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;
export const MSG_CTRUNC = 0x8;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;
export const MSG_NOSIGNAL = 0x4000;
export const MSG_CMSG_CLOEXEC = 0x4000_0000;
export const SCM_RIGHTS = 1;
export const SHUT_WR = 1;

// asm-generic/socket.h
export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const SO_RCVBUF = 8;
export const SO_PEERCRED = 17;
export const SO_PEERGROUPS = 59;
export const SO_RCVTIMEO = 20;
export const SO_RCVBUFFORCE = 33;
export const SO_MARK = 36;

// linux/in.h, linux/in6.h
export const IPPROTO_IP = 0;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
export const IPPROTO_IPV6 = 41;
export const IPPROTO_RAW = 255;
export const IP_PKTINFO = 8;
export const IPV6_V6ONLY = 26;
export const IPV6_PKTINFO = 50;

// linux/tcp.h
export const TCP_USER_TIMEOUT = 18;

// asm-generic/resource.h
export const RLIMIT_NOFILE = 7;

// asm-generic/fcntl.h
export const F_SETFD = 2;
export const FD_CLOEXEC = 1;

// asm-generic/fcntl.h, of flock(2)
export const LOCK_EX = 2;
export const LOCK_NB = 4;

// net/if.h: with the closing zero.
export const IF_NAMESIZE = 16;

// linux/prctl.h
export const PR_SET_PDEATHSIG = 1;
export const PR_SET_DUMPABLE = 4;
export const PR_SET_NO_NEW_PRIVS = 38;

// linux/sched.h
export const CLONE_NEWNET = 0x4000_0000;

// linux/netlink.h
export const NETLINK_SOCK_DIAG = 4;
export const NETLINK_NETFILTER = 12;
export const NLM_F_REQUEST = 0x01;
export const NLM_F_ACK = 0x04;
export const NLM_F_DUMP = 0x300;
export const NLM_F_CREATE = 0x400;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;

// linux/netfilter/nfnetlink.h: a message type is subsystem << 8 | message.
export const NFNL_SUBSYS_ULOG = 4;
export const NFNL_SUBSYS_NFTABLES = 10;
export const NFNL_MSG_BATCH_BEGIN = 16;
export const NFNL_MSG_BATCH_END = 17;

// linux/netfilter/nf_tables.h
export const NFT_MSG_GETGEN = 16;
export const NFTA_GEN_ID = 1;
export const NFPROTO_INET = 1;
export const NFT_MSG_GETCHAIN = 4;
export const NFT_MSG_GETRULE = 7;
export const NFT_MSG_GETSET = 10;
export const NFT_MSG_NEWSETELEM = 12;
export const NFT_MSG_GETSETELEM = 13;
export const NFT_MSG_GETOBJ = 19;
export const NFTA_LIST_ELEM = 1;
export const NFTA_CHAIN_TABLE = 1;
export const NFTA_RULE_TABLE = 1;
export const NFTA_RULE_CHAIN = 2;
export const NFTA_RULE_EXPRESSIONS = 4;
export const NFTA_EXPR_NAME = 1;
export const NFTA_EXPR_DATA = 2;
export const NFTA_DATA_VALUE = 1;
export const NFTA_LOG_GROUP = 1;
export const NFTA_BITWISE_MASK = 4;
export const NFTA_SET_TABLE = 1;
export const NFTA_SET_NAME = 2;
export const NFTA_SET_DESC = 9;
export const NFTA_SET_DESC_SIZE = 1;
export const NFTA_SET_ELEM_LIST_TABLE = 1;
export const NFTA_SET_ELEM_LIST_SET = 2;
export const NFTA_SET_ELEM_LIST_ELEMENTS = 3;
export const NFTA_SET_ELEM_KEY = 1;
export const NFTA_SET_ELEM_FLAGS = 3;
/** How long it stays, in ms, eight bytes in network byte order; left out: for good. */
export const NFTA_SET_ELEM_TIMEOUT = 4;
/** What is left of it, in ms, eight bytes in network byte order; left out: for good. */
export const NFTA_SET_ELEM_EXPIRATION = 5;
/** The end of an interval, which is an element of its own. */
export const NFT_SET_ELEM_INTERVAL_END = 1;
export const NFTA_OBJ_TABLE = 1;
export const NFTA_OBJ_NAME = 2;
export const NFTA_OBJ_TYPE = 3;
export const NFTA_OBJ_DATA = 4;
export const NFT_OBJECT_COUNTER = 1;
export const NFTA_COUNTER_PACKETS = 2;

// linux/netfilter/nfnetlink_log.h
export const NFULNL_MSG_PACKET = 0;
export const NFULNL_MSG_CONFIG = 1;
export const NFULA_IFINDEX_INDEV = 4;
export const NFULA_PAYLOAD = 9;
export const NFULA_PREFIX = 10;
export const NFULA_SEQ = 12;
export const NFULA_HWHEADER = 16;
export const NFULA_CFG_CMD = 1;
export const NFULA_CFG_MODE = 2;
export const NFULA_CFG_NLBUFSIZ = 3;
export const NFULA_CFG_TIMEOUT = 4;
export const NFULA_CFG_QTHRESH = 5;
export const NFULA_CFG_FLAGS = 6;
export const NFULNL_CFG_CMD_BIND = 1;
export const NFULNL_COPY_PACKET = 2;
export const NFULNL_CFG_F_SEQ = 1;

// linux/sock_diag.h, linux/inet_diag.h
export const SOCK_DIAG_BY_FAMILY = 20;
export const INET_DIAG_REQ_BYTECODE = 1;
export const INET_DIAG_BC_D_COND = 8;
export const INET_DIAG_SKV6ONLY = 11;
