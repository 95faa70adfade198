/** What kind of error a driver reports. `ANSWERS` says what follows from it. */
export type ErrorClass =
  | 'unreached'
  | 'lost'
  | 'conflict'
  | 'full'
  | 'readOnly'
  | 'failing'
  | 'damaged'
  | 'refused'
  | 'forbidden'
  | 'tooLarge'
  | 'duplicate'
  | 'badData'
  | 'unknown';

/** What this service does about a class of errors. */
export interface ErrorAnswer {
  /** The status of a request that fails with it. A route may answer a duplicate by itself. */
  status: 503 | 500 | 409;
  /**
   * `at once`: the transaction is run again, up to three times. `later`: the same work may succeed later, and any other work would fail now
   * too; so a group is not taken apart. `alone`: each item of a group is tried alone. `never`: it is a mistake.
   */
  again: 'at once' | 'later' | 'alone' | 'never';
  /** The statement may have been executed, or may still be. */
  undecided: boolean;
  /** Whether a starting process waits for it to pass. Otherwise it ends, and says why. */
  waitAtStart: boolean;
  /** What the caller of the API is told, for a 503. */
  detail: string;
}

const SILENT = 'The database does not answer in time; try again';
const CAN_NOT_WRITE = 'The database can not write at the moment; try again';
const NOT_USABLE = 'The database can not be used until an operator has mended it; try again';

/** The answer to each class of errors. */
export const ANSWERS: Record<ErrorClass, ErrorAnswer> = {
  // No connection was made or given, so nothing was sent.
  unreached: { status: 503, again: 'later', undecided: false, waitAtStart: true, detail: SILENT },
  // The connection broke, or the statement was ended from outside.
  lost: { status: 503, again: 'later', undecided: true, waitAtStart: true, detail: SILENT },
  // Other transactions hold the lock. The transaction was rolled back.
  conflict: { status: 503, again: 'at once', undecided: false, waitAtStart: true, detail: SILENT },
  // No space is left on the disk, in the table or in the quota.
  full: { status: 503, again: 'later', undecided: false, waitAtStart: true, detail: CAN_NOT_WRITE },
  // The server or the file takes no writes: a fail-over, or a setting. Other connections may find the new writer.
  readOnly: { status: 503, again: 'later', undecided: false, waitAtStart: true, detail: CAN_NOT_WRITE },
  // The disk or the file system reports an error. A commit may be on the disk nevertheless.
  failing: { status: 503, again: 'later', undecided: true, waitAtStart: true, detail: CAN_NOT_WRITE },
  // The files of the database are not what they should be.
  damaged: { status: 503, again: 'later', undecided: false, waitAtStart: false, detail: NOT_USABLE },
  // The server refuses the login.
  refused: { status: 503, again: 'later', undecided: false, waitAtStart: false, detail: NOT_USABLE },
  // The user may log in, but lacks a right.
  forbidden: { status: 503, again: 'later', undecided: false, waitAtStart: false, detail: NOT_USABLE },
  // One packet is larger than the server's max_allowed_packet. The server closes the connection.
  tooLarge: { status: 503, again: 'alone', undecided: false, waitAtStart: false, detail: NOT_USABLE },
  // A row with the same primary or unique key exists.
  duplicate: { status: 409, again: 'alone', undecided: false, waitAtStart: false, detail: '' },
  // A value that our own checks should have refused.
  badData: { status: 500, again: 'alone', undecided: false, waitAtStart: false, detail: '' },
  // A mistake of this program, or an error that is missing in this table.
  unknown: { status: 500, again: 'alone', undecided: false, waitAtStart: false, detail: '' },
};

/**
 * Error numbers of MySQL, MariaDB and TiDB, by class. The driver knows no name for numbers of MariaDB and TiDB alone, so numbers are compared.
 *
 * Numbers and names were looked up in the driver's list (MySQL), with `perror` of MariaDB 10.11, and in TiDB's "Error Codes and Troubleshooting"
 * and pkg/errno/errcode.go. When TiDB does not know whether it committed, it sends no number: it closes the connection (PR 3258 of pingcap/tidb).
 */
export const MYSQL_CLASSES: Record<number, ErrorClass> = {
  1040: 'unreached', // ER_CON_COUNT_ERROR: max_connections
  1047: 'unreached', // ER_UNKNOWN_COM_ERROR: "WSREP has not yet prepared node for application use" of Galera
  1129: 'unreached', // ER_HOST_IS_BLOCKED: too many broken handshakes from this host
  1135: 'unreached', // ER_CANT_CREATE_THREAD
  1203: 'unreached', // ER_TOO_MANY_USER_CONNECTIONS: max_user_connections
  1226: 'unreached', // ER_USER_LIMIT_REACHED: the user's limit of connections, queries or updates
  3168: 'unreached', // ER_SERVER_ISNT_AVAILABLE

  1037: 'lost', // ER_OUTOFMEMORY
  1041: 'lost', // ER_OUT_OF_RESOURCES
  1053: 'lost', // ER_SERVER_SHUTDOWN
  1152: 'lost', // ER_ABORTING_CONNECTION
  1158: 'lost', // ER_NET_READ_ERROR
  1159: 'lost', // ER_NET_READ_INTERRUPTED
  1160: 'lost', // ER_NET_ERROR_ON_WRITE
  1161: 'lost', // ER_NET_WRITE_INTERRUPTED
  1180: 'lost', // ER_ERROR_DURING_COMMIT
  1184: 'lost', // ER_NEW_ABORTING_CONNECTION
  1317: 'lost', // ER_QUERY_INTERRUPTED: KILL QUERY, or a shutdown
  1927: 'lost', // MariaDB's ER_CONNECTION_KILLED
  1969: 'lost', // MariaDB's ER_STATEMENT_TIMEOUT: max_statement_time
  3024: 'lost', // MySQL's ER_QUERY_TIMEOUT: max_execution_time
  3100: 'lost', // MySQL's ER_RUN_HOOK_ERROR: a COMMIT in Group Replication
  3169: 'lost', // MySQL's ER_SESSION_WAS_KILLED
  4031: 'lost', // MySQL's ER_CLIENT_INTERACTION_TIMEOUT: wait_timeout

  1020: 'conflict', // ER_CHECKREAD: MariaDB's innodb_snapshot_isolation
  1205: 'conflict', // ER_LOCK_WAIT_TIMEOUT
  1206: 'conflict', // ER_LOCK_TABLE_FULL
  1213: 'conflict', // ER_LOCK_DEADLOCK
  1614: 'conflict', // ER_XA_RBDEADLOCK
  1637: 'conflict', // ER_TOO_MANY_CONCURRENT_TRXS
  3101: 'conflict', // MySQL's ER_TRANSACTION_ROLLBACK_DURING_COMMIT: a conflict in Group Replication
  3572: 'conflict', // ER_LOCK_NOWAIT

  // TiDB. After these nothing was written, and the transaction can be run again.
  8002: 'conflict', // a commit conflict of a transaction with SELECT … FOR UPDATE
  8005: 'conflict', // write conflict, the start of the transaction is too old
  8020: 'conflict', // another session has locked the table
  8022: 'conflict', // the commit failed and was rolled back
  8024: 'conflict', // the transaction has no start time
  8027: 'conflict', // this TiDB server does not know the newest schema, because it lost its PD
  8028: 'conflict', // the schema was changed during the transaction
  8055: 'conflict', // old versions that the transaction reads were removed
  8147: 'conflict', // a unique key that is checked only at the end of the transaction
  8229: 'conflict', // the transaction is so old that its locks may be lost; it has to be rolled back
  9001: 'conflict', // PD did not answer in time
  9002: 'conflict', // TiKV did not answer in time
  9003: 'conflict', // TiKV is busy
  9004: 'conflict', // many transactions wait for the same lock
  9005: 'conflict', // a region is not available, because it has no leader for example
  9006: 'conflict', // old versions that the transaction reads were removed
  9007: 'conflict', // write conflict
  9008: 'conflict', // too many requests to one TiKV: tidb_store_limit
  9011: 'conflict', // a new leader of a region does not know the newest timestamp yet
  9012: 'conflict', // TiFlash did not answer in time
  9013: 'conflict', // TiFlash is busy

  8120: 'unreached', // PD gave the transaction no start time
  8251: 'unreached', // the limits of the resource group can't be read
  8252: 'unreached', // the limit of the resource group is reached
  8254: 'unreached', // the statement was not begun, because it is a runaway query

  8001: 'lost', // the memory quota of a statement, of old versions
  8175: 'lost', // the memory quota of a statement
  8176: 'lost', // the memory quota of the server
  8253: 'lost', // the statement was ended, because it is a runaway query
  9010: 'lost', // a TiKV that stops says so also to what it has just committed (pingcap/tidb issue 21355)

  8004: 'tooLarge', // a transaction above txn-total-size-limit
  8025: 'tooLarge', // a row above txn-entry-size-limit
  9500: 'tooLarge', // 8004 of old versions

  1: 'full', // EE_CANTCREATEFILE: a temporary file
  3: 'full', // EE_WRITE: a temporary file
  20: 'full', // EE_DISK_FULL
  1021: 'full', // ER_DISK_FULL
  1114: 'full', // ER_RECORD_FILE_FULL: "The table … is full"
  1197: 'full', // ER_TRANS_CACHE_FULL: max_binlog_cache_size
  1878: 'full', // ER_TEMP_FILE_WRITE_FAILURE
  3170: 'full', // ER_CAPACITY_EXCEEDED

  1036: 'readOnly', // ER_OPEN_AS_READONLY: the table
  1290: 'readOnly', // ER_OPTION_PREVENTS_STATEMENT: read_only
  1792: 'readOnly', // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
  1836: 'readOnly', // ER_READ_ONLY_MODE: innodb_read_only; a reader of Aurora

  1015: 'failing', // ER_CANT_LOCK
  1016: 'failing', // ER_CANT_OPEN_FILE
  1026: 'failing', // ER_ERROR_ON_WRITE: a file of the server, such as the binary log
  1030: 'failing', // ER_GET_ERRNO: "Got error … from storage engine"

  1033: 'damaged', // ER_NOT_FORM_FILE
  1034: 'damaged', // ER_NOT_KEYFILE
  1194: 'damaged', // ER_CRASHED_ON_USAGE
  1195: 'damaged', // ER_CRASHED_ON_REPAIR
  1712: 'damaged', // ER_INDEX_CORRUPT
  1877: 'damaged', // ER_TABLE_CORRUPT
  1932: 'damaged', // MariaDB's ER_NO_SUCH_TABLE_IN_ENGINE

  1045: 'refused', // ER_ACCESS_DENIED_ERROR
  1049: 'refused', // ER_BAD_DB_ERROR
  1130: 'refused', // ER_HOST_NOT_PRIVILEGED
  1251: 'refused', // ER_NOT_SUPPORTED_AUTH_MODE
  1524: 'refused', // ER_PLUGIN_IS_NOT_LOADED
  1698: 'refused', // ER_ACCESS_DENIED_NO_PASSWORD_ERROR
  1820: 'refused', // ER_MUST_CHANGE_PASSWORD
  1862: 'refused', // ER_MUST_CHANGE_PASSWORD_LOGIN
  3118: 'refused', // MySQL's ER_ACCOUNT_HAS_BEEN_LOCKED
  3159: 'refused', // ER_SECURE_TRANSPORT_REQUIRED
  4151: 'refused', // MariaDB's ER_ACCOUNT_HAS_BEEN_LOCKED

  1044: 'forbidden', // ER_DBACCESS_DENIED_ERROR
  1142: 'forbidden', // ER_TABLEACCESS_DENIED_ERROR
  1143: 'forbidden', // ER_COLUMNACCESS_DENIED_ERROR
  1227: 'forbidden', // ER_SPECIFIC_ACCESS_DENIED_ERROR

  1153: 'tooLarge', // ER_NET_PACKET_TOO_LARGE: max_allowed_packet

  1062: 'duplicate', // ER_DUP_ENTRY
  1586: 'duplicate', // ER_DUP_ENTRY_WITH_KEY_NAME

  1048: 'badData', // ER_BAD_NULL_ERROR
  1118: 'badData', // ER_TOO_BIG_ROWSIZE
  1264: 'badData', // ER_WARN_DATA_OUT_OF_RANGE
  1265: 'badData', // WARN_DATA_TRUNCATED
  1292: 'badData', // ER_TRUNCATED_WRONG_VALUE
  1366: 'badData', // ER_TRUNCATED_WRONG_VALUE_FOR_FIELD
  1406: 'badData', // ER_DATA_TOO_LONG
  1690: 'badData', // ER_DATA_OUT_OF_RANGE
};

/** Codes that the driver of MySQL and Node make themselves. */
export const CLIENT_CLASSES: Record<string, ErrorClass> = {
  EAI_AGAIN: 'unreached',
  ECONNREFUSED: 'unreached',
  EHOSTUNREACH: 'unreached',
  ENETUNREACH: 'unreached',
  ENOTFOUND: 'unreached',

  ECONNRESET: 'lost',
  EPIPE: 'lost',
  ETIMEDOUT: 'lost',
  PROTOCOL_CONNECTION_LOST: 'lost',
  PROTOCOL_SEQUENCE_TIMEOUT: 'lost',

  AUTH_SWITCH_PLUGIN_ERROR: 'refused',
  HANDSHAKE_NO_SSL_SUPPORT: 'refused',
  HANDSHAKE_SSL_ERROR: 'refused',
};

/** Result codes of SQLite. An extended code, such as SQLITE_IOERR_WRITE, has the class of its longest beginning in this list. */
export const SQLITE_CLASSES: Record<string, ErrorClass> = {
  SQLITE_CANTOPEN: 'unreached',
  SQLITE_INTERRUPT: 'lost',
  SQLITE_BUSY: 'conflict',
  SQLITE_LOCKED: 'conflict',
  SQLITE_PROTOCOL: 'conflict',
  SQLITE_FULL: 'full',
  SQLITE_READONLY: 'readOnly',
  SQLITE_IOERR: 'failing',
  // The index of the log (-shm) can't grow.
  SQLITE_IOERR_SHMSIZE: 'full',
  SQLITE_NOMEM: 'failing',
  SQLITE_CORRUPT: 'damaged',
  SQLITE_NOTADB: 'damaged',
  SQLITE_AUTH: 'forbidden',
  SQLITE_PERM: 'forbidden',
  SQLITE_CONSTRAINT_PRIMARYKEY: 'duplicate',
  SQLITE_CONSTRAINT_UNIQUE: 'duplicate',
  SQLITE_CONSTRAINT: 'badData',
  SQLITE_MISMATCH: 'badData',
  SQLITE_RANGE: 'badData',
  SQLITE_TOOBIG: 'badData',
};
