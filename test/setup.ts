/** Property tests draw the same cases in every run; another seed is given by FAST_CHECK_SEED. */
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env.FAST_CHECK_SEED ?? "20261124") });
