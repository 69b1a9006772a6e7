#!/usr/bin/env node
// Starts the command: the built one of a package, or the sources of a checkout, which need a loader that only a new process can have.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const isPackage = import.meta.url.includes('/node_modules/');
const hasSources = process.execArgv.some((argument) => argument.includes('@rf/source'));

if (isPackage || hasSources) {
  // Whoever reads may stop, as head does; what the command does is still finished.
  process.stdout.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error;
  });
  const { main } = await import('@rf/cli');
  process.exitCode = await main(process.argv.slice(2));
} else {
  const loader = ['--conditions=@rf/source', '--import', import.meta.resolve('tsx')];
  const child = spawn(process.execPath, [...loader, fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
    // The settings of the checkout, wherever the command is run: those of a single package do not cover the others.
    env: { TSX_TSCONFIG_PATH: fileURLToPath(new URL('../../../tsconfig.json', import.meta.url)), ...process.env },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === null ? 1 : 128);
  });
}
