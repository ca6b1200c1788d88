package dev.mediator.transport;

/**
 * One quantity as a mix of the state and of what the network predicted there: ofState·xt + ofPrediction·prediction.
 *
 * @param ofState weight of xt
 * @param ofPrediction weight of the prediction
 */
record Blend(double ofState, double ofPrediction) {
    Blend times(double factor) {
        return new Blend(ofState * factor, ofPrediction * factor);
    }
}
