// Every sentence and label that people read: one file for each room where they read it.

import { app } from "./app";
import { canvas } from "./canvas";
import { exchange } from "./exchange";
import { form } from "./form";
import { inspector } from "./inspector";
import { results } from "./results";
import { runs } from "./runs";
import { states } from "./states";
import { types } from "./types";
import { wizard } from "./wizard";

export const words = { app, states, types, canvas, inspector, form, results, runs, wizard, exchange } as const;
