// One step of Adam ascent (Kingma & Ba 2015, algorithm 1) on x along g; k: lr, b1, b2, eps, 1 / (1 - b1^t), 1 / (1 - b2^t).
    let d = g[i];
    let first = k[1] * m[i] + (1.0 - k[1]) * d;
    let second = k[2] * v[i] + (1.0 - k[2]) * d * d;
    m[i] = first;
    v[i] = second;
    // the border's gradient is 0, so it stays 0
    x[i] += k[0] * (first * k[4]) / (sqrt(second * k[5]) + k[3]);
