// Loaded before a command of the project (bootstrap.mjs): when the process that started it is gone, the command ends as if told to.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
// Listening keeps no process running.
process.channel?.unref();
