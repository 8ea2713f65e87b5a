// What the page uses of npm. `./bundle` makes ../wwwroot/lib/ai-sdk.js of it.
import './zod.js';
import htm from 'htm';
import { createElement } from 'react';

export const html = htm.bind(createElement);
export { useChat } from '@ai-sdk/react';
export { DefaultChatTransport } from 'ai';
export { useEffect, useRef, useState } from 'react';
export { createRoot } from 'react-dom/client';
