const { execFileSync } = require('child_process');
const fs = require('fs');
const path = require('path');

/** Stops the engine of the tests with everything it runs, and takes its folder away. */
module.exports = async () => {
  const home = process.env.SMSTUDIO_TEST_HOME;
  if (!home) {
    return;
  }
  const data = path.join(home, 'engine');
  const run = (...args) =>
    execFileSync('python', ['-m', 'smstudio_ext.cli', ...args], {
      cwd: path.join(__dirname, '..'),
      env: { ...process.env, SMSTUDIO_HOME: data },
      stdio: 'pipe',
      timeout: 60_000
    });
  if (fs.existsSync(path.join(data, 'engine.json'))) {
    try {
      run('stop-all', '--yes');
    } catch (reason) {
      console.warn(`smstudio stop-all: ${reason.message}`);
    }
    try {
      run('engine', 'stop');
    } catch (reason) {
      console.warn(`smstudio engine stop: ${reason.message}`);
    }
  }
  fs.rmSync(home, { recursive: true, force: true });
};
