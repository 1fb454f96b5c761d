/** The `electron` module as the app's main process (and Playwright's loader) requires it; a name that is missing throws. */
import { app } from './app.ts';
import { ipcMain } from './ipc.ts';
import { MessageChannelMain, MessagePortMain } from './ports.ts';
import { dialog, Menu, nativeImage, nativeTheme, protocol, screen, session, shell } from './shell-parts.ts';
import { strict } from './strict.ts';
import { utilityProcess } from './utility.ts';
import { BrowserWindow, webContents } from './window.ts';

const electron = strict('electron', {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain,
  MessagePortMain,
  nativeImage,
  nativeTheme,
  protocol,
  screen,
  session,
  shell,
  utilityProcess,
  webContents,
});

/** What require('electron') gives (Node's convention for require of an ES module). */
export { electron as 'module.exports' };
