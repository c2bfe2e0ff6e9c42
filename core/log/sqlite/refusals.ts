/** Another process has the log open: there is one writer to a data directory. */
export class LogInUse extends Error {
  override readonly name = 'LogInUse';
}

/** Acknowledged entries are not there. */
export class LogLost extends Error {
  override readonly name = 'LogLost';
}

/** Something in the files of the log is not what was written. */
export class LogDamaged extends Error {
  override readonly name = 'LogDamaged';
}
