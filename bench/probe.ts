/** Loaded into a server under measurement: tells its memory, after everything unneeded is gone, to who asks over IPC. */
process.on("message", () => {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
  process.send?.({ heapUsed, external, arrayBuffers, rss });
});
process.channel?.unref();
