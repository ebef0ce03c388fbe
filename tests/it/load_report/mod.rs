//! What a load run measured: recorded, judged, predicted, added up, and shown.

mod html;
mod latency;
mod merge;
mod outputs;
mod prediction;
mod sample;
mod served;
mod thresholds;
